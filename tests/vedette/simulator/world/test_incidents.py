"""Events and what they do to issues; webhook payloads have the keys of real ones, in their order."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from vedette.simulator import Actor, ErrorReport, World, escalate, record_error, trigger_alert
from vedette.simulator.world import builders, comments, incidents, transitions
from vedette.simulator.world.issues import Resolution, Snooze
from vedette.simulator.world.short_ids import short_id

if TYPE_CHECKING:
    from pathlib import Path

    from tests.vedette.simulator.conftest import Small
    from vedette.simulator import Issue, Webhook


def names(heard: list[Webhook]) -> list[str]:
    return [f"{webhook.resource}.{webhook.action}" for webhook in heard]


def again(small: Small, issue: Issue, **changed: Any) -> None:
    report = issue.report
    fields = {name: getattr(report, name) for name in ("type", "value", "filename", "function")}
    record_error(small.world, small.project, ErrorReport(**{**fields, **changed}))


def test_the_first_error_makes_an_issue_and_the_next_only_counts(
    small: Small, issue: Issue, heard: list[Webhook]
) -> None:
    again(small, issue, user="u2")
    assert names(heard) == ["error.created"]
    assert (issue.count, issue.users) == (2, {"u1", "u2"})


def test_messages_and_performance_issues_are_never_told_as_errors(small: Small, heard: list[Webhook]) -> None:
    record_error(small.world, small.project, ErrorReport("", "Slow query", event_type="transaction"))
    assert names(heard) == ["issue.created"]


def test_payloads_have_the_keys_of_real_ones_in_their_order(
    small: Small, issue: Issue, heard: list[Webhook], facts: Path
) -> None:
    world, person = small.world, Actor(user=small.user)
    event = record_error(world, small.project, ErrorReport("KeyError", "x"))
    assert event is not None
    transitions.resolve(world, issue, person)
    comments.comment(world, issue, person, "Hm")
    trigger_alert(world, event, "On call")
    for name, file in (
        ("issue.created", "issue.created"),
        ("issue.resolved", "issue.resolved"),
        ("comment.created", "comment.created"),
        ("error.created", "error.created"),
        ("event_alert.triggered", "event_alert.triggered"),
    ):
        webhook = heard[names(heard).index(name)]
        real = json.loads((facts / "payloads" / f"{file}.json").read_text())
        ours = json.loads(webhook.body(small.integration))
        assert list(ours) == list(real)
        assert list(ours["data"]) == list(real["data"])
        for key in {"issue", "error", "event"}.intersection(real["data"]):
            written, sample = list[str](ours["data"][key]), list[str](real["data"][key])
            assert written[:8] == sample[:8]
            assert [k for k in written if k in sample] == [k for k in sample if k in written]
            assert key != "issue" or written == sample


def test_the_two_spellings_of_dates_stand_where_sentry_has_them(small: Small, heard: list[Webhook]) -> None:
    world = World("acme", clock=lambda: datetime(2026, 10, 4, 6, 12, 9, tzinfo=UTC))
    project = builders.add_project(world, "shop")
    world.listeners.append(heard.append)
    event = record_error(world, project, ErrorReport("E", "v"))
    assert event is not None
    transitions.resolve(world, event.issue, Actor())
    trigger_alert(world, event, "r")
    found = {name: webhook.data for name, webhook in zip(names(heard), heard, strict=True)}
    # A fraction of zero is left out in this spelling only.
    assert found["issue.created"]["issue"]["firstSeen"] == "2026-10-04T06:12:09+00:00"
    assert found["issue.resolved"]["issue"]["firstSeen"] == "2026-10-04T06:12:09.000000Z"
    assert found["error.created"]["error"]["datetime"] == "2026-10-04T06:12:09+00:00"
    assert found["event_alert.triggered"]["event"]["datetime"] == "2026-10-04T06:12:09.000000Z"
    assert isinstance(found["error.created"]["error"]["received"], float)


def test_an_event_after_the_resolution_is_a_regression_by_sentry(
    small: Small, issue: Issue, heard: list[Webhook]
) -> None:
    transitions.resolve(small.world, issue, Actor(user=small.user))
    again(small, issue)
    assert (issue.status, issue.substatus) == ("unresolved", "regressed")
    last = heard[-1]
    assert (last.action, last.data["issue"]["substatus"]) == ("unresolved", "regressed")
    assert last.actor.as_webhook(small.integration)["id"] == "sentry"


def test_events_of_the_release_it_was_resolved_in_or_older_do_not_regress(small: Small, issue: Issue) -> None:
    moment = [datetime(2026, 1, 1, tzinfo=UTC)]
    small.world.clock = lambda: moment[0]
    old, fixed, new = "1.0", "1.1", "1.2"
    for version in (old, fixed, new):
        moment[0] += timedelta(hours=1)
        builders.add_release(small.world, version, [small.project])
    resolution = Resolution("in_release", release=small.world.releases[fixed])
    transitions.resolve(small.world, issue, Actor(user=small.user), resolution)
    for version, wanted in ((None, "resolved"), (old, "resolved"), (fixed, "resolved"), (new, "unresolved")):
        again(small, issue, release=version)
        assert issue.status == wanted, version


def test_resolved_in_the_next_release_it_comes_back_with_one_made_later(small: Small, issue: Issue) -> None:
    builders.add_release(small.world, "1.0", [small.project])
    transitions.resolve(small.world, issue, Actor(user=small.user), Resolution("in_next_release"))
    again(small, issue, release="1.0")
    assert issue.status == "resolved"
    builders.add_release(small.world, "1.1", [small.project])
    again(small, issue, release="1.1")
    assert issue.substatus == "regressed"


def test_archived_until_escalating_it_comes_back_when_it_comes_often(small: Small, issue: Issue) -> None:
    transitions.archive(small.world, issue, Actor(user=small.user), "archived_until_escalating")
    for _ in range(incidents.ESCALATES_AFTER - 1):
        again(small, issue)
    assert issue.status == "ignored"
    again(small, issue)
    assert issue.substatus == "escalating"


@pytest.mark.parametrize(
    ("snooze", "events"),
    [
        (Snooze(count=3), 3),
        (Snooze(count=3, window=60), 2),
        (Snooze(user_count=2), 2),
        (Snooze(until=datetime(2020, 1, 1, tzinfo=UTC)), 1),
    ],
)
def test_archived_until_a_condition_is_met_it_comes_back_then(
    small: Small, issue: Issue, snooze: Snooze, events: int
) -> None:
    transitions.archive(small.world, issue, Actor(user=small.user), "archived_until_condition_met", snooze)
    for number in range(events):
        assert issue.status == "ignored", number
        again(small, issue, user=f"new-{number}")
    assert issue.status == "unresolved"


def test_archived_forever_it_stays_away(small: Small, issue: Issue) -> None:
    transitions.archive(small.world, issue, Actor(user=small.user), "archived_forever")
    for _ in range(100):
        again(small, issue)
    assert issue.status == "ignored"
    assert escalate(small.world, issue)


def test_only_the_newest_events_are_kept_while_the_count_goes_on(small: Small, issue: Issue) -> None:
    for _ in range(incidents.KEPT_EVENTS + 10):
        again(small, issue)
    assert len(issue.events) == incidents.KEPT_EVENTS == len(small.world.events)
    assert issue.count == incidents.KEPT_EVENTS + 11


def test_short_ids_count_in_base_32_without_doubtful_letters() -> None:
    assert [short_id("shop", number) for number in (1, 31, 32, 33, 1024)] == [
        "SHOP-1",
        "SHOP-Z",
        "SHOP-10",
        "SHOP-11",
        "SHOP-100",
    ]
