"""Agents, tokens and areas fit a terminal of 80 columns."""

import io

import pytest
from rich.console import Console

from console.rendering.agent_table import print_agents, print_areas, print_tokens
from console.rendering.terminal import InertConsole
from vedette.admin.agents import AgentSummary
from vedette.permissions.agent_grants import grant_of_agent
from vedette.permissions.areas import AREAS
from vedette.settings.agents import AgentSettings
from vedette.store.agents.tokens import AgentToken

SETTINGS = AgentSettings.model_validate(
    {"may": {"issues": "read", "triage": "write"}, "grant": {"projects": ["shop-*"]}, "modes": {"sandbox": "act"}}
)
AGENT = AgentSummary(
    "triage-agent",
    "propose",
    SETTINGS.modes,
    {"issues": "read", "triage": "write"},
    grant_of_agent(SETTINGS),
    2,
    {"read": 1204, "sent": 31, "denied": 7, "proposed": 12},
    1_800_000_000_000,
    ("issues.tags",),
    (),
)
TOKEN = AgentToken("0123456789ab", "0" * 64, "triage-agent", 1_800_000_000_000, "ann", None, "CI of the shop")


@pytest.fixture
def console() -> Console:
    return InertConsole(file=io.StringIO(), width=80)


def lines_of(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_agents_fit(console: Console) -> None:
    print_agents(console, [AGENT])
    lines = lines_of(console)
    assert max(map(len, lines)) <= 80
    shown = " ".join(" ".join(lines).split())
    assert "triage-agent" in shown
    assert "1204 read" in shown
    assert "sandbox: act" in shown


def test_tokens_fit(console: Console) -> None:
    print_tokens(console, [TOKEN])
    lines = lines_of(console)
    assert max(map(len, lines)) <= 80
    assert any("0123456789ab" in line for line in lines)


@pytest.mark.parametrize("with_names", [False, True])
def test_areas_fit(console: Console, with_names: bool) -> None:
    print_areas(console, list(AREAS.values()), with_names=with_names)
    assert max(map(len, lines_of(console))) <= 80


def test_a_name_that_is_no_plain_text_has_no_effect(console: Console) -> None:
    print_tokens(console, [AgentToken("0", "0" * 64, "x", 0, "\x1b[31m[red]ann", None, "a\nb")])
    text = "\n".join(lines_of(console))
    assert "\x1b" not in text
    assert len(lines_of(console)) == 2
