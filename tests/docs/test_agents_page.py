"""docs/agents.md has the areas of the code, settings that are valid, and commands that run."""

import asyncio
import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.main import app
from vedette.permissions.areas import AREAS, LEVELS, Area
from vedette.settings.agents import AgentGrantSettings, AgentSettings
from vedette.store.access.audit_log import Audit
from vedette.store.server.server_check import open_redis

PAGE = (Path(__file__).parents[2] / "docs" / "agents.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([\w-]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
TABLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def cells_of(area: Area) -> list[str]:
    """The scopes of each level that adds operations to the one before it."""
    cells: list[str] = []
    known: set[str] = set()
    for level in LEVELS[1:]:
        names = {each.name for each in area.operations(level)}
        cells.append(" ".join(f"`{scope}`" for scope in area.scopes(level)) if names - known else "-")
        known |= names
    return cells


def test_each_area_has_a_row_with_its_scopes() -> None:
    assert [row[0] for row in ROWS] == list(AREAS)
    for name, title, *cells in ROWS:
        assert title == AREAS[name].title
        assert cells == cells_of(AREAS[name])


@pytest.mark.parametrize("table", TABLES)
def test_each_table_is_valid(table: str) -> None:
    for settings in tomllib.loads(table)["agents"].values():
        AgentSettings.model_validate(settings)


def test_each_key_of_the_exact_grant_is_explained() -> None:
    part = PAGE.partition("### The exact grant")[2].partition("###")[0]
    # Agents send no messages.
    for name in set(AgentGrantSettings.model_fields) - {"channels"}:
        assert f"`{name}`" in part


async def test_each_command_runs(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vedette.toml").write_text(TABLES[0])
    monkeypatch.setenv("VEDETTE_REDIS_URL", redis_url)
    client = open_redis(redis_url)
    written = {"handler": "agent:triage-agent", "intent": "resolved SHOP-1", "decision": "observed"}
    await Audit(client, 3600).append("call", written)
    await client.aclose()
    assert len(COMMANDS) == 10
    for command in COMMANDS:
        program, *arguments = command.replace('"', "").split()
        assert program == "vedette"
        ended = await asyncio.to_thread(CliRunner().invoke, app, arguments)
        # Nothing of the agent's was sent, so that there is nothing to take back.
        assert ended.exit_code == (1 if arguments[0] == "undo" else 0), (command, ended.output)
