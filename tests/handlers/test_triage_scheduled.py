"""Scheduled rules, and rules on events about no issue, through the triage handler on the simulated Sentry."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from handlers.triage import triage
from vedette.api.errors import ServerError
from vedette.authoring.context import Context
from vedette.simulator import RateLimits, create_app
from vedette.simulator.faults.faults import Fault, Faults
from vedette.simulator.world.incidents import record_error
from vedette.simulator.world.issues import ErrorReport, Issue
from vedette.testing import Delivered, SentryWorld
from vedette.testing.servers import served

CLOCK = """
[[rule]]
name = "{name}"
schedule = "0 6 * * *"
search = "is:unresolved lastSeen:+30d"
then = [{then}]
{more}
"""
RESOLVE = '{ resolve = "now" }'


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes triage.toml beside the settings file: a scheduled rule, or the given text."""
    (tmp_path / "vedette.toml").touch()
    monkeypatch.setenv("VEDETTE_CONFIG", str(tmp_path / "vedette.toml"))

    def write(then: str, more: str = "", name: str = "old", after: str = "") -> None:
        (tmp_path / "triage.toml").write_text(CLOCK.format(name=name, then=then, more=more) + after)

    return write


def stale(world: SentryWorld, *values: str, days: int = 40) -> list[Issue]:
    """Errors that were last seen so long ago."""
    found: list[Issue] = []
    for value in values:
        report = ErrorReport("Error", value, "a.py", "f", fingerprint=value)
        event = record_error(world.world, world.issue.project, report)
        assert event is not None
        event.issue.last_seen -= timedelta(days=days)
        found.append(event.issue)
    return found


def due(world: SentryWorld) -> Delivered:
    return world.deliver(triage, "schedule.due")


def states(issues: list[Issue]) -> list[str]:
    return [issue.status for issue in issues]


def test_what_the_search_finds_is_worked_on_under_the_rule_s_name(sentry_world: SentryWorld, rules: Any) -> None:
    rules(RESOLVE)
    issues = [*stale(sentry_world, "a", "b"), *stale(sentry_world, "c", days=20)]
    delivered = due(sentry_world)
    assert delivered.error is None
    assert states(issues) == ["resolved", "resolved", "unresolved"]
    assert {entry.text("because") for entry in delivered.audit if entry.kind == "call"} == {"rule old"}
    again = due(sentry_world)
    assert (again.audit, again.did) == ((), ("acted on 0 of 0 issues that were found (rule old)",))


def test_a_sweep_stops_before_its_time_limit_and_says_so(
    sentry_world: SentryWorld, rules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(RESOLVE)
    issues = stale(sentry_world, "a", "b")
    monkeypatch.setattr("vedette.testing.delivery.Context", partial(Context, deadline=time.monotonic()))
    delivered = due(sentry_world)
    assert (delivered.error, states(issues)) == (None, ["unresolved"] * 2)
    assert delivered.did[0].startswith("stopped before the time limit")


def test_when_and_projects_leave_some_out_and_do_not_count(sentry_world: SentryWorld, rules: Any) -> None:
    issues = stale(sentry_world, "a1", "a2", "b1", "b2")
    rules(RESOLVE, 'when = \'title:"Error: a*"\'\nmost = 1\nprojects = ["*-api", "x"]')
    assert due(sentry_world).error is None
    assert sorted(states(issues[:2])) == ["resolved", "unresolved"]
    assert states(issues[2:]) == ["unresolved"] * 2
    rules(RESOLVE, f'projects = ["{sentry_world.issue.project.slug}"]')
    assert due(sentry_world).error is None
    assert states(issues) == ["resolved"] * 4


def test_a_rule_in_another_mode_and_one_that_stops(sentry_world: SentryWorld, rules: Any) -> None:
    issues = stale(sentry_world, "a")
    after = CLOCK.format(name="next", then='{ priority = "low" }', more="")
    rules(RESOLVE, 'mode = "propose"\nstop = true', after=after)
    delivered = due(sentry_world)
    assert delivered.decisions == ["proposed"]
    assert (issues[0].status, issues[0].priority != "low") == ("unresolved", True)


def test_other_times_have_other_rules(sentry_world: SentryWorld, rules: Any) -> None:
    issues = stale(sentry_world, "a")
    other = CLOCK.format(name="other", then='{ priority = "low" }', more='timezone = "Europe/Berlin"')
    rules(RESOLVE, after=other)
    assert due(sentry_world).error is None
    assert (issues[0].status, issues[0].priority != "low") == ("resolved", True)


def test_one_issue_that_fails_leaves_the_others_theirs_and_is_told(sentry_world: SentryWorld, rules: Any) -> None:
    issues = stale(sentry_world, "a", "b")
    rules('{ assign = "#nobody-here" }, { resolve = "now" }')
    delivered = due(sentry_world)
    assert states(issues) == ["resolved"] * 2
    assert [f"{issue.short_id}: could not assign" in str(delivered.error) for issue in issues] == [True, True]
    rules(RESOLVE, 'projects = ["elsewhere"]')
    assert "could not list issues" in str(due(sentry_world).error)


def test_an_issue_for_which_sentry_fails_is_tried_again_and_leaves_the_others_theirs(
    sentry_world: SentryWorld, rules: Any
) -> None:
    issues = stale(sentry_world, "a", "b", "c")
    rules(RESOLVE)
    faults = [
        Fault("status", times=None, status=500, match=rf"^PUT .*/{issues[0].id}/"),
        Fault("status", times=None, status=403, match=rf"^GET .*/{issues[1].id}/"),
    ]
    app = create_app(sentry_world.world, limits=RateLimits(manner="self-hosted"), faults=Faults(faults))
    with served(app) as url:
        there = sentry_world.integration.model_copy(update={"sentry_url": url})
        delivered = due(replace(sentry_world, integration=there))
    assert isinstance(delivered.error, ServerError)
    assert states(issues) == ["unresolved", "unresolved", "resolved"]
    assert any(f"{issues[0].short_id} is left to the next attempt" in each for each in delivered.did)
    assert any(f"{issues[1].short_id} cannot be read" in each for each in delivered.did)


def test_within_its_cooldown_an_issue_does_not_keep_others_from_their_turn(
    sentry_world: SentryWorld, rules: Any
) -> None:
    issues = stale(sentry_world, "a", "b")
    rules('{ comment = "still there?" }', 'cooldown = "7d"\nmost = 1')
    for _ in issues:
        assert due(sentry_world).error is None
    assert [len(issue.comments) for issue in issues] == [1, 1]


def test_what_is_put_off_remembers_its_issue(sentry_world: SentryWorld, rules: Any) -> None:
    issues = stale(sentry_world, "a", "b")
    rules('{ later = "1h", if = "is:unresolved", then = [{ resolve = "now" }] }')
    first, second = due(sentry_world).later
    assert (first.run().error, second.run().error) == (None, None)
    assert states(issues) == ["resolved"] * 2


def test_an_event_about_no_issue_is_told_of_and_has_no_other_action(
    sentry_world: SentryWorld, tmp_path: Path, rules: Any
) -> None:
    rules(RESOLVE)
    (tmp_path / "triage.toml").write_text(
        '[[rule]]\nname = "alerts"\non = ["metric_alert.*", "issue.created"]\ncooldown = "1h"\n'
        'then = [{ notify = "ops" }, { notify = "dev", title = "{{ event.name }}" }, { resolve = "now" }]\n'
    )
    delivered = sentry_world.deliver(triage, "metric_alert.critical")
    assert delivered.error is None
    (ops, message), (dev, named) = delivered.told
    assert (ops, dev, named.title) == ("ops", "dev", "metric_alert.critical")
    assert message.title
    assert message.link.startswith("https://")
    assert any(
        re.match(r"skipped, as this event has no issue: resolve \(rule alerts\)", each) for each in delivered.did
    )
    assert "within its cooldown" in sentry_world.deliver(triage, "metric_alert.critical").did[0]
