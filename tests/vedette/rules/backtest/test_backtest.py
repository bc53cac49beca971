"""The counts of a backtest on a given history: cooldown, stop, momentary events, undecidable conditions."""

import pytest

from tests.vedette.rules.backtest.conftest import Past
from vedette.api.errors import SentryError
from vedette.rules.backtest.agreement import AgreementOutcome
from vedette.rules.backtest.report import BacktestReport, RuleReport
from vedette.simulator.faults.faults import Fault
from vedette.simulator.world import transitions
from vedette.simulator.world.people import Assignee


def rule(name: str, on: str = "issue.created", when: str = "", then: str = 'priority = "low"', more: str = "") -> str:
    search = f'when = "{when}"\n' if when else ""
    return f'[[rule]]\nname = "{name}"\non = ["{on}"]\n{search}then = [{{ {then} }}]\n{more}\n'


def only(report: BacktestReport) -> RuleReport:
    (found,) = report.rules
    return found


async def test_cooldown_and_stop_hold_on_the_time_of_the_past(past: Past) -> None:
    past.go(days=9)
    issue = past.error()
    for days in (8, 7.9, 5):
        past.go(days=days)
        transitions.resolve(past.world, issue, past.mei)
        past.go(days=days - 0.01)
        past.error()
    report = await past.trial(
        rule("cooled", "issue.unresolved", more='cooldown = "1d"')
        + rule("first", "issue.unresolved", "is:regressed", more="stop = true")
        + rule("never reached", "issue.unresolved")
    )
    cooled, first, last = report.rules
    assert (cooled.matches, cooled.cooled) == (2, 1)
    assert (first.matches, last.matches) == (3, 0)
    assert report.events == {"issue.created": 1, "issue.resolved": 3, "issue.unresolved": 3}


async def test_an_issue_that_somebody_has_is_left_to_them(past: Past) -> None:
    past.go(days=3)
    issue = past.error()
    past.go(days=2)
    transitions.assign(past.world, issue, past.mei, _payments(past))
    past.go(days=1)
    transitions.resolve(past.world, issue, past.mei)
    to_platform = 'assign = "#platform"'
    report = await past.trial(
        rule("polite", "issue.resolved", then=to_platform)
        + rule("takes over", "issue.resolved", then=f"{to_platform}, reassign = true")
        + rule("was first", "issue.created", then=to_platform)
    )
    outcomes = [next(iter(each.outcomes)) for each in report.rules]
    assert outcomes == [AgreementOutcome.ALREADY, AgreementOutcome.NOBODY, AgreementOutcome.DISAGREED]
    assert [each.calls for each in report.rules] == [1, 3, 3]


async def test_an_event_of_the_moment_is_looked_into_and_not_a_later_one(past: Past) -> None:
    past.go(days=3)
    issue = past.error(release="orders@1", tags=(("browser.name", "Safari"),), fingerprint="same")
    past.go(days=2)
    transitions.resolve(past.world, issue, past.mei)
    past.go(days=1)
    past.error(release="orders@2", tags=(("browser.name", "Firefox"),), fingerprint="same")
    rules = (
        rule("born in Safari", when="browser.name:Safari")
        + rule("born in Firefox", when="browser.name:Firefox")
        + rule("back in Firefox", "issue.unresolved", "browser.name:Firefox release:orders@2")
        + rule("first release", "issue.unresolved", "firstRelease:orders@1")
    )
    report = await past.trial(rules)
    assert [each.matches for each in report.rules] == [1, 0, 1, 1]
    assert report.taken["events.list_for_issue"] == 2
    assert report.fetches == {"event": 2, "releases": 1}
    again = await past.trial(rules)
    assert [each.matches for each in again.rules] == [1, 0, 1, 1]
    assert again.taken == {}


async def test_what_is_no_longer_kept_or_too_many_calls_is_unknown_and_counted(past: Past) -> None:
    past.go(days=2)
    issues = [past.error(f"Kind{number}") for number in range(3)]
    issues[0].events.clear()
    rules = rule("production", when="environment:production")
    report = await past.trial(rules)
    assert (only(report).matches, only(report).unknown) == (2, {"environment": 1})
    tight = await past.trial(rules, kept="tight", most_events=1)
    assert only(tight).matches + only(tight).unknown["environment"] == 3
    assert tight.taken["events.list_for_issue"] == 1
    assert tight.events_left == 2


@pytest.mark.parametrize("when", ["is:linked", "timesSeen:>5 is:regressed", "assigned_or_suggested:#payments"])
async def test_what_no_history_tells_is_no_match(past: Past, when: str) -> None:
    past.go(days=3)
    issue = past.error()
    past.go(days=2)
    transitions.resolve(past.world, issue, past.mei)
    past.go(days=1)
    past.error()
    found = only(await past.trial(rule("unknown", "issue.unresolved", when)))
    assert found.matches == 0
    assert found.unknown.total() >= 1


async def test_rules_on_other_events_are_named_and_those_of_other_projects_cost_nothing(past: Past) -> None:
    past.go(days=1)
    past.error(project="orders")
    report = await past.trial(
        rule("comments", "comment.created") + rule("elsewhere", more='projects = ["catalog"]') + rule("all", "*")
    )
    comments, elsewhere, everything = report.rules
    assert comments.not_tried.startswith("comment.created: the history of issues does not have such events")
    assert (elsewhere.matches, everything.matches) == (0, 1)
    clock = 'schedule = "0 6 * * *"\nsearch = "is:unresolved"'
    (stale,) = (await past.trial(rule("stale").replace('on = ["issue.created"]', clock), kept="clock")).rules
    assert stale.not_tried.startswith("its schedule (0 6 * * * UTC)")
    narrow = await past.trial(rule("elsewhere", more='projects = ["catalog"]'), kept="narrow")
    assert "issues.activities" not in narrow.taken


async def test_a_server_without_the_list_of_activities_is_asked_for_the_issue(past: Past) -> None:
    past.go(days=2)
    issue = past.error()
    past.go(days=1)
    transitions.set_priority(past.world, issue, past.mei, "low")
    past.faults.add(Fault("status", times=None, match="/activities/$", status=404))
    report = await past.trial(rule("low"))
    assert only(report).outcomes == {AgreementOutcome.AGREED: 1}
    assert report.taken["issues.get"] == 1


async def test_an_issue_that_is_gone_by_now_does_not_end_the_trial(past: Past) -> None:
    past.go(days=2)
    past.error()
    past.faults.add(Fault("lag", times=None, match="/issues/[0-9]+/"))
    assert only(await past.trial(rule("low"))).outcomes == {AgreementOutcome.NOBODY: 1}


async def test_what_was_taken_before_sentry_failed_is_not_taken_again(past: Past) -> None:
    past.go(days=2)
    for number in range(150):
        past.error(f"Kind{number}")
    past.faults.add(Fault("status", times=1, match="cursor|activities", status=403))
    with pytest.raises(SentryError):
        await past.trial(rule("low", when="error.type:Kind7"))
    report = await past.trial(rule("low", when="error.type:Kind7"))
    assert report.issues == 150
    assert "issues.search" not in report.taken
    assert report.taken["issues.activities"] == 1


async def test_what_happened_before_the_time_looked_at_is_left_out(past: Past) -> None:
    past.go(days=40)
    issue = past.error()
    past.go(days=2)
    past.error()
    transitions.assign(past.world, issue, past.mei, _payments(past))
    report = await past.trial(rule("low") + rule("mine", "issue.assigned", "assigned:#payments"))
    assert report.events == {"issue.assigned": 1}
    assert [each.matches for each in report.rules] == [0, 1]


async def test_a_query_narrows_what_is_taken(past: Past) -> None:
    past.go(days=1)
    past.error("Odd")
    past.error("Even", fingerprint="even")
    assert (await past.trial(rule("low"), query="error.type:Even")).issues == 1


def _payments(past: Past) -> Assignee:
    return Assignee(past.world.team_by_slug["payments"])
