"""`vedette undo` on many writes: it undoes the given writes and nothing else, and continues after errors."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.commands import undo as command
from console.main import app
from vedette.permissions.grants import Grant
from vedette.simulator import ErrorReport, record_error

GRANT = Grant(scopes=("event:admin",))
Runs = Callable[..., Any]


@pytest.fixture
def run(scene: Any, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Run a command as an operator of this scene."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "REDIS_URL": redis_url,
        "CLIENT_SECRET": "s" * 32,
        "TOKEN": scene.token,
        "ORGANIZATION": "acme",
        "SENTRY_URL": scene.url,
    }.items():
        monkeypatch.setenv(f"VEDETTE_{name}", value)

    async def run(*arguments: str, **more: Any) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, app, list(arguments), **more)

    return run


def issues(scene: Any, count: int, project: str = "shop") -> list[Any]:
    found: list[Any] = []
    for number in range(count):
        event = record_error(scene.world, scene.world.project_by_slug[project], ErrorReport(f"E{number}Error", "odd"))
        assert event is not None
        found.append(event.issue)
    return found


def rows(ended: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]


async def test_it_goes_on_past_an_issue_that_is_gone_and_tells_of_each(scene: Any, run: Runs) -> None:
    sentry = scene.sentry(GRANT)
    made = issues(scene, 4)
    for issue in made:
        await sentry.issues.resolve(str(issue.id))
    await scene.sentry(GRANT, name="other").issues.delete(str(made[2].id))
    ended = await run("undo", "--handler", "plugin")
    assert ended.exit_code == 1
    assert [issue.status for issue in made if issue is not made[2]] == ["unresolved"] * 3
    assert "not taken back: Sentry answered 404" in ended.output
    assert "3 taken back, 1 not." in ended.output
    again = await run("undo", "--handler", "plugin", "--json")
    assert [row["done"] for row in rows(again)] == [False]  # only what is left is tried again


async def test_a_rule_is_taken_back_without_its_neighbours(scene: Any, run: Runs) -> None:
    sentry = scene.sentry(GRANT)
    noise, other = sentry.view(because="rule noise"), sentry.view(because="rule crashes")
    quiet, loud = issues(scene, 3), issues(scene, 5)[3:]
    for issue in quiet:
        await noise.issues.archive(str(issue.id))
    for issue in loud:
        await other.issues.resolve(str(issue.id))
    looked = await run("undo", "--rule", "noise", "--dry-run")
    assert "would have reopened" in looked.output
    assert "3 would be taken back, 0 not." in looked.output
    assert {issue.status for issue in quiet} == {"ignored"}
    ended = await run("undo", "--rule", "noise")
    assert ended.exit_code == 0
    assert ({issue.status for issue in quiet}, {issue.status for issue in loud}) == ({"unresolved"}, {"resolved"})
    again = await run("undo", "--rule", "noise")
    assert again.exit_code == 0
    assert "3 were taken back before" in again.output
    assert (await run("undo", "--rule", "noize")).exit_code == 2


async def test_a_project_and_a_time_narrow_it(scene: Any, run: Runs) -> None:
    sentry = scene.sentry(GRANT)
    shop, bank = issues(scene, 2), issues(scene, 2, "bank")
    for issue in (*shop, *bank):
        await sentry.issues.resolve(str(issue.id))
    assert (await run("undo", "--handler", "plugin", "--until", "1h")).exit_code == 1
    assert (await run("undo", "--project", "bank")).exit_code == 0
    assert ({one.status for one in shop}, {one.status for one in bank}) == ({"resolved"}, {"unresolved"})


async def test_there_is_no_limit_to_how_many_are_found(scene: Any, run: Runs) -> None:
    facts = {"handler": "plugin", "decision": "granted by a grant", "operation": "issues.comment", "intent": "said so"}
    for _ in range(1_100):
        await scene.services.audit.append("call", facts)
    ended = await run("undo", "--handler", "plugin", "--json")
    assert len(rows(ended)) == 1_100


async def test_on_a_terminal_it_asks_with_a_count(scene: Any, run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    sentry = scene.sentry(GRANT)
    made = issues(scene, 2)
    for issue in made:
        await sentry.issues.resolve(str(issue.id))
    monkeypatch.setattr(command, "is_terminal", lambda: True)
    refused = await run("undo", "--handler", "plugin", input="n\n")
    assert refused.exit_code == 1
    assert "2 writes from" in refused.output
    assert "of which 2 can be taken back. Take them back?" in refused.output
    assert {issue.status for issue in made} == {"resolved"}
    assert (await run("undo", "--handler", "plugin", "--yes")).exit_code == 0
    assert {issue.status for issue in made} == {"unresolved"}


async def test_a_number_of_another_audit_is_refused_by_its_hash(scene: Any, run: Runs) -> None:
    await scene.sentry(GRANT).issues.resolve(str(scene.issue.id))
    entry = (await scene.entries())[0]
    wrong = await run("undo", f"1-{'0' * 8}")
    assert wrong.exit_code == 2
    assert "the number is of another audit" in wrong.output
    assert scene.issue.status == "resolved"
    assert (await run("undo", f"1-{entry.hash[:8]}")).exit_code == 0
    assert scene.issue.status == "unresolved"


async def test_an_entry_of_another_organization_is_left_alone(scene: Any, run: Runs) -> None:
    await scene.sentry(GRANT).issues.resolve(str(scene.issue.id))
    entry, outcome = await scene.entries()
    foreign = await scene.services.audit.append("call", {**entry.facts, "organization": "rivals"})
    await scene.services.audit.append("outcome", {**outcome.facts, "of": foreign})
    assert "it was made in rivals" in (await run("undo", str(foreign))).output
    assert scene.issue.status == "resolved"


async def test_where_sentry_is_away_it_stops_soon_and_says_how_many_are_left(
    scene: Any, run: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = issues(scene, 5)
    for issue in made:
        await scene.sentry(GRANT).issues.resolve(str(issue.id))
    monkeypatch.setenv("VEDETTE_TOKEN", "sntryi_" + "f" * 64)
    ended = await run("undo", "--handler", "plugin")
    assert ended.exit_code == 1
    assert "0 taken back, 3 not, 2 not tried." in ended.output
