"""A misspelt name is refused with the nearest one: an operator who reads "Paused" can rely on it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.main import app
from vedette.store.access.audit_log import Audit
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler, write_roster
from vedette.store.access.write_budgets import WriteBudgets
from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis

Asks = Callable[[Callable[[RedisClient], Awaitable[Any]]], Any]
YEAR = 365 * 86_400.0


@pytest.fixture
def ask(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asks:
    """Ask the Redis of the commands, whose workers have loaded `triage` and whose audit tells of `welcome`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VEDETTE_REDIS_URL", redis_url)

    def ask(question: Callable[[RedisClient], Awaitable[Any]]) -> Any:
        async def asking() -> Any:
            client = open_redis(redis_url)
            try:
                return await question(client)
            finally:
                await client.aclose()

        return asyncio.run(asking())

    async def seed(client: RedisClient) -> None:
        await write_roster(client, HandlerRoster((RosterHandler("triage", ("issue.*",), "act", "vedette"),), (), 1))
        facts = {"handler": "welcome", "issue": "1", "label": "SHOP-1", "project": "shop", "decision": "observed"}
        await Audit(client, YEAR).append("call", {**facts, "because": "rule crashes", "rule": "crashes"})

    ask(seed)
    return ask


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def paused(ask: Asks) -> list[str]:
    return [pause.principal for pause in ask(lambda client: WriteBudgets(client).pauses())]


@pytest.mark.parametrize(("written", "near"), [("traige", "triage"), ("Triage", "triage"), ("welcom", "welcome")])
@pytest.mark.parametrize("command", ["pause", "resume"])
def test_a_misspelt_handler_is_refused_with_the_nearest(ask: Asks, command: str, written: str, near: str) -> None:
    ended = run(command, written)
    assert ended.exit_code == 2
    assert f"there is no handler {written}: did you mean {near}?" in ended.output
    assert "aused" not in ended.output.partition("`vedette pause`")[0]
    assert paused(ask) == []


def test_what_is_known_is_paused_and_what_is_not_only_by_force(ask: Asks) -> None:
    for known in ("triage", "welcome"):
        assert run("pause", known).exit_code == 0
    assert run("pause", "tomorrows").exit_code == 2
    assert run("pause", "tomorrows", "--force").exit_code == 0
    assert run("resume", "tomorrows").exit_code == 0  # it is known now: it is paused
    assert paused(ask) == ["triage", "welcome"]


def test_whoever_resumes_is_told_what_is_still_paused(ask: Asks) -> None:
    run("pause", "--by", "ann")
    run("pause", "triage", "--by", "bob")
    assert "Still paused by ann: all handlers and agents" in run("resume", "triage").output
    run("pause", "triage", "--by", "bob")
    told = run("resume").output
    assert "Resumed all handlers and agents" in told
    assert "Still paused by bob: triage. `vedette resume triage` takes it back" in told
    assert paused(ask) == ["triage"]


@pytest.mark.parametrize(
    ("option", "written", "near"),
    [
        ("--handler", "welcom", "welcome"),
        ("--issue", "SHOP-2", "SHOP-1"),
        ("--rule", "crash", "crashes"),
        ("--project", "shopp", "shop"),
    ],
)
@pytest.mark.parametrize("command", ["audit", "undo"])
@pytest.mark.usefixtures("ask")
def test_a_filter_that_nothing_fits_is_refused_with_the_nearest(
    command: str, option: str, written: str, near: str
) -> None:
    ended = run(command, option, written)
    assert ended.exit_code == 2
    assert f"did you mean {near}?" in ended.output


@pytest.mark.usefixtures("ask")
def test_the_audit_is_filtered_by_rule_and_project_and_time() -> None:
    for options in (("--rule", "crashes"), ("--project", "shop"), ("--issue", "SHOP-1"), ("--handler", "welcome")):
        assert "welcome" in run("audit", *options).output
    assert "No entry of the audit" in run("audit", "--rule", "crashes", "--until", "1h").output
    assert "No entry of the audit" in run("audit", "--handler", "triage").output


@pytest.mark.usefixtures("ask")
def test_verifying_says_what_it_proves_and_what_not() -> None:
    told = run("audit", "verify")
    assert told.exit_code == 0
    assert "1 entries, none changed or missing" in told.output
    assert "This does not reveal an audit that was rewritten" in told.output
    entry = told.output.partition("Newest entry: ")[2].split()[0]
    assert "the audit is unchanged" in run("audit", "verify", "--expect", entry).output
    assert run("audit", "verify", "--expect", entry.replace("1-", "7-", 1)).exit_code == 1
    assert run("audit", "verify", "--expect", "junk").exit_code == 2


@pytest.mark.usefixtures("ask")
def test_a_pause_for_a_time_says_until_when_and_is_in_the_audit() -> None:
    ended = run("pause", "triage", "--for", "1h")
    assert ended.exit_code == 0, ended.output
    assert "Paused triage until 20" in ended.output
    assert "paused triage for 1 h" in run("audit").output
    assert run("pause", "triage", "--for", "soon").exit_code == 2


@pytest.mark.usefixtures("ask")
def test_a_handler_is_disabled_and_enabled_and_both_are_in_the_audit() -> None:
    assert "its runs wait. `vedette enable triage` lets them go on" in run("disable", "triage", "--by", "ann").output
    listed = run("handlers").output
    assert "disabled (act)" in listed
    assert "triage: disabled by ann, its runs wait" in listed
    (values,) = (json.loads(line) for line in run("handlers", "--json").output.splitlines())
    assert (values["mode"], values["disabled"], values["paused"]) == ("act", True, False)
    assert run("enable", "triage").output == "Enabled triage.\n"
    assert run("enable", "triage").output == "triage was not disabled.\n"
    audit = run("audit").output
    for told in ("disabled triage", "disabled by ann", "enabled triage"):
        assert told in audit


@pytest.mark.usefixtures("ask")
@pytest.mark.parametrize("command", ["disable", "enable"])
def test_a_handler_that_nothing_knows_is_not_disabled(command: str) -> None:
    ended = run(command, "traige")
    assert ended.exit_code == 2
    assert "did you mean triage?" in ended.output
    assert run(command, "traige", "--force").exit_code == 0
