"""`vedette rules check` and `vedette rules test` as a terminal and CI run them."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from console.commands.rules import app
from vedette.events import samples
from vedette.simulator import ErrorReport, World, create_app, record_error
from vedette.simulator.world import builders, transitions
from vedette.simulator.world.actors import SENTRY
from vedette.testing.servers import served

RULES = """
[[rule]]
name = "fatal"
on = "issue.*"
when = "level:fatal"
then = [{ priority = "high" }]

[[rule]]
name = "all"
on = "issue.created"
then = [{ assign = "#berth-ops" }, { comment = "Seen" }]
mode = "propose"
stop = true

[[rule]]
name = "after"
on = "issue.created"
then = [{ resolve = "now" }]

[[rule]]
name = "others"
on = "error.created"
when = "project:x"
then = [{ resolve = "now" }]
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("VEDETTE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "triage.toml").write_text(RULES)
    return tmp_path


def run(*arguments: str, code: int = 0, given: str = "") -> Result:
    result = CliRunner().invoke(app, arguments, input=given)
    assert result.exit_code == code, result.output
    return result


def rows(*arguments: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]


def test_good_rules_are_listed_with_what_they_cost(place: Path) -> None:
    output = run("check").stdout
    assert 'all: assign to #berth-ops; comment "Seen" (at most 5 calls)' in output
    assert "4 rules can be used; they need event:write, member:read, team:read" in output
    assert rows("check")[0] == {
        "rule": "fatal",
        "file": "triage.toml",
        "line": 2,
        "on": ["issue.*"],
        "schedule": None,
        "then": ["set priority high"],
        "needs": ["event:write"],
        "calls": 2,
    }


def test_scheduled_rules_are_listed_and_no_sample_asks_them(place: Path) -> None:
    (place / "clock.toml").write_text(
        '[[rule]]\nname = "stale"\nschedule = "0 6 * * *"\nsearch = "is:unresolved lastSeen:+30d"\n'
        'then = [{ resolve = "now" }]\n'
    )
    told = "every 0 6 * * * UTC: is:unresolved lastSeen:+30d, at most 100"
    output = run("check", "clock.toml", "triage.toml").stdout
    assert f"stale: {told}: resolve (at most 2 calls for each)" in output
    assert "5 rules, 1 of them scheduled, can be used" in output
    (row,) = rows("test", "--sample", "issue.created", "--rules", "clock.toml")
    assert (row["verdict"], row["why"]) == ("not asked", f"it is a scheduled rule, {told}")


def test_without_a_file_the_rules_that_ship_are_checked(place: Path) -> None:
    (place / "triage.toml").unlink()
    assert "3 rules that ship with Vedette can be used" in run("check").stdout


def test_bad_rules_are_told_at_their_place_and_a_missing_file_is_wrong_usage(place: Path) -> None:
    (place / "bad.toml").write_text('[[rule]]\nname = "x"\non = "issue.created"\nwhen = "level:>error"\nthen = []\n')
    output = run("check", "bad.toml", code=1).stdout
    assert output.startswith("bad.toml:4:15: this search cannot be read: expected ")
    assert "bad.toml:5:8: then = []: expected" in output
    (first, _) = [json.loads(line) for line in run("check", "bad.toml", "--json", code=1).stdout.splitlines()]
    assert (first["file"], first["line"], first["column"]) == ("bad.toml", 4, 15)
    run("check", "none.toml", code=2)


def test_a_sample_is_decided_rule_by_rule(place: Path) -> None:
    found = {row["rule"]: row for row in rows("test", "--sample", "issue.created")}
    assert {name: row["verdict"] for name, row in found.items()} == {
        "fatal": "no",
        "all": "matches",
        "after": "not reached",
        "others": "not asked",
    }
    assert found["fatal"]["why"] == "no  level:fatal (level is error)"
    assert found["all"]["would"] == ["assign to #berth-ops", 'comment "Seen"']
    assert (found["after"]["why"], found["others"]["why"]) == ("all stops", "it is for error.created")
    table = run("test", "--sample", "issue.created").stdout
    assert 'assign to #berth-ops; comment "Seen" (at most propose)' in table


@pytest.mark.parametrize("sample", ["issue.created", "error.created", "event_alert.triggered", "metric_alert.critical"])
def test_the_kind_of_a_body_is_told_by_its_keys(place: Path, sample: str) -> None:
    (place / "body.json").write_bytes(samples.wire(samples.load(sample)))
    assert rows("test", "body.json") == rows("test", "--sample", sample)
    given = samples.wire(samples.load(sample)).decode()
    assert run("test", "-", "--json", given=given).stdout == run("test", "--sample", sample, "--json").stdout


def test_what_the_payload_does_not_say_is_unknown(place: Path) -> None:
    found = {row["rule"]: row for row in rows("test", "--sample", "error.created")}
    assert (found["others"]["verdict"], found["others"]["why"]) == (
        "unknown",
        "it is undecided: project unknown",
    )


@pytest.fixture
def sentry(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A Sentry that the settings name."""
    world = World("acme")
    builders.add_project(world, "ferry", teams=[builders.add_team(world, "berth-ops")])
    token = builders.add_token(world, "internal", ("event:read", "project:read"))
    with served(create_app(world)) as url, capture_logs():
        more = {"SENTRY_URL": url, "TOKEN": token.secret, "ORGANIZATION": "acme", "CLIENT_SECRET": "s" * 32}
        for name, value in more.items():
            monkeypatch.setenv(f"VEDETTE_{name}", value)
        yield world


def test_an_issue_of_sentry_s_is_decided_as_it_is_now_and_left_alone(place: Path, sentry: World) -> None:
    report = ErrorReport("RampError", "stuck", level="fatal", tags=(("zone", "eu"),))
    event = record_error(sentry, sentry.project_by_slug["ferry"], report)
    assert event
    (place / "triage.toml").write_text(RULES.replace("project:x", "zone:eu").replace('"error.created"', '"issue.*"'))
    for name in (event.issue.short_id, str(event.issue.id)):
        found = {row["rule"]: row for row in rows("test", "--issue", name)}
        assert {rule: row["verdict"] for rule, row in found.items()} == {
            "fatal": "matches",
            "all": "matches",
            "after": "not reached",
            "others": "not reached",
        }
    found = {row["rule"]: row for row in rows("test", "--issue", event.issue.short_id, "--event", "issue.resolved")}
    assert {rule: row["verdict"] for rule, row in found.items()} == {
        "fatal": "matches",
        "all": "not asked",
        "after": "not asked",
        "others": "matches",
    }
    transitions.resolve(sentry, event.issue, SENTRY)
    (place / "triage.toml").write_text(RULES.replace("level:fatal", "is:unresolved"))
    (first, *_) = rows("test", "--issue", event.issue.short_id)
    assert (first["verdict"], first["why"]) == ("no", "no  is:unresolved (status is resolved)")
    assert (event.issue.priority, event.issue.assignee, event.issue.comments) == ("high", None, [])
    assert "Sentry answered 404" in run("test", "--issue", "FERRY-99", code=1).output


@pytest.mark.parametrize(
    "arguments",
    [(), ("--sample", "nonsense"), ("none.json",), ("--sample", "issue.created", "--issue", "1"), ("triage.toml",)],
)
def test_wrong_usage_is_exit_code_2(place: Path, arguments: tuple[str, ...]) -> None:
    run("test", *arguments, code=2)


def test_the_schema_is_printed(place: Path) -> None:
    assert json.loads(run("schema").stdout)["title"] == "Vedette's triage rules"
