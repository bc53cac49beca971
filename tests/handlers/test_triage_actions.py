"""Each action on the simulated Sentry: it has its effect, and none when it is repeated."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from handlers.triage import triage
from vedette.events import samples
from vedette.rules.actions.merge import is_uninformative
from vedette.simulator.serializers import webhook_event
from vedette.simulator.world import builders, transitions
from vedette.simulator.world.actors import Actor
from vedette.simulator.world.incidents import record_error
from vedette.simulator.world.issues import ErrorReport, Resolution
from vedette.simulator.world.projects import Commit
from vedette.testing import Delivered, SentryWorld

RULE = '[[rule]]\nname = "mine"\non = "issue.*"\n{more}\nthen = [{then}]\n'


@pytest.fixture
def rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "vedette.toml").touch()
    monkeypatch.setenv("VEDETTE_CONFIG", str(tmp_path / "vedette.toml"))

    def write(then: str, more: str = "") -> Path:
        (tmp_path / "triage.toml").write_text(RULE.format(then=then, more=more))
        return tmp_path

    return write


def done(world: SentryWorld, sample: str = "issue.created") -> Delivered:
    delivered = world.deliver(triage, sample)
    assert delivered.error is None, delivered
    return delivered


def twice(world: SentryWorld) -> tuple[Delivered, int]:
    """What the first delivery did, and how many calls the second added to the audit."""
    return done(world), len(done(world).audit)


@pytest.mark.parametrize(
    ("then", "state"),
    [
        ('{ resolve = "now" }', ("resolved", None)),
        ('{ archive = "until escalating" }', ("ignored", "archived_until_escalating")),
        ('{ archive = "forever" }', ("ignored", "archived_forever")),
        ('{ archive = "7d" }', ("ignored", "archived_until_condition_met")),
        ('{ archive = "until", events = 100, within = "1h" }', ("ignored", "archived_until_condition_met")),
        ('{ archive = "until", users = 5 }', ("ignored", "archived_until_condition_met")),
    ],
)
def test_the_state_that_an_action_says(sentry_world: SentryWorld, rule: Any, then: str, state: Any) -> None:
    rule(then)
    _, more = twice(sentry_world)
    assert (sentry_world.issue.status, sentry_world.issue.substatus, more) == (*state, 0)


def test_how_long_an_issue_is_archived(sentry_world: SentryWorld, rule: Any) -> None:
    rule('{ archive = "until", events = 100, users = 5, within = "1h" }')
    done(sentry_world)
    snooze = sentry_world.issue.snooze
    assert snooze
    assert (snooze.count, snooze.window, snooze.user_count, snooze.user_window) == (100, 60, 5, 60)


def test_resolving_in_releases_and_commits(sentry_world: SentryWorld, rule: Any) -> None:
    issue, world = sentry_world.issue, sentry_world.world
    builders.add_release(world, "ferry@1.0", [issue.project])
    for then, kind in (
        ('{ resolve = "in next release" }', "in_next_release"),
        ('{ resolve = "in release", release = "ferry@1.0" }', "in_release"),
        ('{ resolve = "in current release" }', "in_release"),
    ):
        issue.status, issue.resolution = "unresolved", None
        rule(then)
        done(sentry_world)
        assert (issue.status, issue.resolution and issue.resolution.type) == ("resolved", kind)  # type: ignore[comparison-overlap]


def test_resolving_in_a_commit(sentry_world: SentryWorld, rule: Any) -> None:
    issue, world = sentry_world.issue, sentry_world.world
    made = Commit("c" * 40, "acme/ferry", "Mend the ramp", "Ann", "ann@example.com", world.clock())
    builders.add_repository(world, "acme/ferry", [made])
    rule(f'{{ resolve = "in commit", commit = "{made.id}", repository = "acme/ferry" }}')
    _, more = twice(sentry_world)
    assert issue.resolution
    assert (issue.status, issue.resolution.type, issue.resolution.commit, more) == ("resolved", "in_commit", made.id, 0)
    issue.status, issue.resolution = "unresolved", None
    rule(f'{{ resolve = "in commit", commit = "{"d" * 40}", repository = "acme/ferry" }}')
    assert "Unable to find the given commit" in str(sentry_world.deliver(triage, "issue.created").error)


def test_reopening_and_reviewing(sentry_world: SentryWorld, rule: Any) -> None:
    issue = sentry_world.issue
    rule("{ review = true }")
    assert (twice(sentry_world)[1], issue.in_inbox) == (0, False)
    issue.status, issue.substatus = "resolved", None
    rule("{ unresolve = true }")
    assert (twice(sentry_world)[1], issue.status) == (0, "unresolved")


def test_a_comment_is_made_of_the_issue_s_fields_and_said_once(sentry_world: SentryWorld, rule: Any) -> None:
    rule('{ comment = "{{ issue.short_id }} in {{ issue.project | upper }}: {{ rule.name }}{{ event.tags.none }}" }')
    _, more = twice(sentry_world)
    issue = sentry_world.issue
    assert [each.text for each in issue.comments] == [f"{issue.short_id} in {issue.project.slug.upper()}: mine"]
    assert more == 0
    issue.comments[0].when -= timedelta(days=2)
    done(sentry_world)
    assert len(issue.comments) == 2


def test_a_link_is_made_once(sentry_world: SentryWorld, rule: Any) -> None:
    sample = samples.load("issue.created")["installation"]["uuid"]
    (integration,) = [one for one in sentry_world.world.integrations.values() if one.client_secret]
    integration.installation = sample
    rule('{ link = "https://tickets.example/{{ issue.short_id }}", project = "desk" }')
    _, more = twice(sentry_world)
    issue = sentry_world.issue
    assert [(link["displayName"], link["webUrl"]) for link in issue.links] == [
        (f"desk#{issue.short_id}", f"https://tickets.example/{issue.short_id}")
    ]
    assert more == 0


def test_seer_is_set_to_work_once(sentry_world: SentryWorld, rule: Any) -> None:
    rule('{ seer = "fix", context = "about {{ issue.title }}" }')
    assert twice(sentry_world)[1] == 0
    assert sentry_world.issue.autofix


def test_a_channel_is_told(sentry_world: SentryWorld, rule: Any) -> None:
    rule('{ notify = "ops", text = "level {{ issue.level }}" }')
    delivered = done(sentry_world)
    ((channel, message),) = delivered.told
    assert channel == "ops"
    assert message.title.startswith(sentry_world.issue.short_id)
    assert message.text == "level error"
    assert delivered.audit[0].text("because") == "rule mine"


def twins(world: SentryWorld, *, value: str | None = None, function: str | None = None, count: int = 1) -> None:
    """Other issues of the same title, with another stack trace or not."""
    issue = world.issue
    if value is not None:
        issue.report = replace(issue.report, type="", value=value)
    report = issue.report
    for number in range(count):
        like = replace(report, fingerprint=f"twin {number}", transaction=issue.report.culprit)
        if function is not None:
            like = replace(like, function=function)
        event = record_error(world.world, issue.project, like)
        assert event is not None
        assert (event.issue.title, event.issue.report.culprit) == (issue.title, report.culprit)


def test_duplicates_are_merged_where_the_action_says_act(sentry_world: SentryWorld, rule: Any) -> None:
    twins(sentry_world)
    rule('{ merge = "same title", mode = "act" }')
    world = sentry_world.world
    before = len(world.issues)
    delivered = done(sentry_world)
    assert len(world.issues) == before - 1
    assert re.match(r"hashes of the merged issues: \S+ [0-9a-f]{32}; \S+ [0-9a-f]{32} ", delivered.did[0])
    assert "no other issue" in done(sentry_world).did[0]


def test_a_merge_is_proposed_unless_the_action_says_otherwise(sentry_world: SentryWorld, rule: Any) -> None:
    twins(sentry_world)
    before = len(sentry_world.world.issues)
    rule('{ merge = "same title" }')
    delivered = done(sentry_world)
    assert delivered.decisions == ["proposed"]
    rule('{ merge = "same title", mode = "act" }', more='mode = "observe"')
    assert done(sentry_world).decisions == ["observed"]
    assert len(sentry_world.world.issues) == before


@pytest.mark.parametrize(
    ("value", "function", "why"),
    [
        ("Script error.", None, "many errors have its title"),
        ("undefined", None, "many errors have its title"),
        (None, "elsewhere", "no other issue has the title, culprit and stack trace"),
    ],
)
def test_what_may_be_another_error_is_not_merged(
    sentry_world: SentryWorld, rule: Any, value: str | None, function: str | None, why: str
) -> None:
    twins(sentry_world, value=value, function=function)
    before = len(sentry_world.world.issues)
    rule('{ merge = "same title", mode = "act" }')
    assert why in done(sentry_world).did[0]
    assert len(sentry_world.world.issues) == before


def test_a_stack_trace_of_two_frames_tells_too_little(
    sentry_world: SentryWorld, rule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    twins(sentry_world)
    whole = webhook_event.frames

    def last_two(report: ErrorReport) -> list[dict[str, Any]]:
        return whole(report)[-2:]

    monkeypatch.setattr(webhook_event, "frames", last_two)
    rule('{ merge = "same title", mode = "act" }')
    assert "2 frames of your code, not three" in done(sentry_world).did[0]


def test_no_more_are_merged_at_once_than_the_action_says(sentry_world: SentryWorld, rule: Any) -> None:
    twins(sentry_world, count=4)
    before = len(sentry_world.world.issues)
    rule('{ merge = "same title", mode = "act", most = 3 }')
    done(sentry_world)
    assert len(sentry_world.world.issues) == before - 2


@pytest.mark.parametrize("title", ["", "  ", "Error", "Error: ", "TypeError: undefined", "<unlabeled event>", "null"])
def test_titles_that_say_nothing(title: str) -> None:
    assert is_uninformative(title)
    assert not is_uninformative("TypeError: cannot read 'price' of undefined")


@pytest.fixture
def people(sentry_world: SentryWorld) -> dict[str, Any]:
    """Two members of the issue's team."""
    world, project = sentry_world.world, sentry_world.issue.project
    team = next(iter(project.teams))
    return {
        name: builders.add_member(world, f"{name}@example.com", name=name.title(), teams=[team])
        for name in ("ann", "bo")
    }


def assignee(world: SentryWorld) -> str:
    found = world.issue.assignee
    assert found
    return getattr(found.subject, "slug", "") or getattr(found.subject, "email", "")


@pytest.mark.parametrize("who", ["#berth-ops", "owner"])
def test_a_team_is_assigned(sentry_world: SentryWorld, rule: Any, who: str) -> None:
    rule(f'{{ assign = "{who}" }}')
    assert (twice(sentry_world)[1], assignee(sentry_world)) == (0, "berth-ops")


@pytest.mark.usefixtures("people")
def test_a_member_is_assigned_and_keeps_the_issue(sentry_world: SentryWorld, rule: Any) -> None:
    rule('{ assign = "ann@example.com" }')
    assert (twice(sentry_world)[1], assignee(sentry_world)) == (0, "ann@example.com")
    rule('{ assign = "bo@example.com" }')
    assert "assigned already" in done(sentry_world).did[0]
    rule('{ assign = "bo@example.com", reassign = true }')
    done(sentry_world)
    assert assignee(sentry_world) == "bo@example.com"


@pytest.mark.usefixtures("people")
def test_whoever_s_turn_it_is_and_whoever_has_least_to_do(sentry_world: SentryWorld, rule: Any) -> None:
    both = '["ann@example.com", "bo@example.com"]'
    rule(f'{{ assign = {both}, by = "rotation", reassign = true }}')
    done(sentry_world)
    assert assignee(sentry_world) == "ann@example.com"
    done(sentry_world)
    assert assignee(sentry_world) == "ann@example.com"
    rule(f'{{ assign = {both}, by = "load", reassign = true }}')
    done(sentry_world)
    assert assignee(sentry_world) == "bo@example.com"


def test_who_resolved_it_last(sentry_world: SentryWorld, rule: Any, people: dict[str, Any]) -> None:
    rule('{ assign = "resolver" }')
    assert "found no assignee" in done(sentry_world).did[0]
    world, issue = sentry_world.world, sentry_world.issue
    transitions.resolve(world, issue, Actor(user=people["bo"].user), Resolution())
    transitions.unresolve(world, issue, Actor(user=people["ann"].user))
    done(sentry_world)
    assert assignee(sentry_world) == "bo@example.com"


def test_the_author_of_the_suspect_commit(sentry_world: SentryWorld, rule: Any, people: dict[str, Any]) -> None:
    rule('{ assign = "suspect" }')
    assert "knows of no suspect commit" in done(sentry_world).did[0]
    world, issue = sentry_world.world, sentry_world.issue
    made = Commit("c" * 40, "acme/ferry", "Mend the ramp", "Stranger", "stranger@example.com", world.clock())
    builders.add_release(world, "ferry@9.0", [issue.project], commits=[made])
    issue.events[-1].release = "ferry@9.0"
    assert "its author is no member" in done(sentry_world).did[0]
    made.author_email = people["bo"].email
    assert (twice(sentry_world)[1], assignee(sentry_world)) == (0, "bo@example.com")


def test_owners_by_files(sentry_world: SentryWorld, rule: Any) -> None:
    issue = sentry_world.issue
    folder = rule('{ assign = "codeowners", file = "CODEOWNERS" }')
    (folder / "CODEOWNERS").write_text(
        f"* @acme/nobody\n# the ferry\n/{issue.report.filename} @acme/berth-ops @person\n"
    )
    done(sentry_world)
    assert assignee(sentry_world) == "berth-ops"
    issue.assignee = None
    (rule('{ assign = "ownership", file = "owners" }') / "owners").write_text(
        "url:*nowhere* #x\ntags.environment:production #berth-ops\n"
    )
    done(sentry_world)
    assert assignee(sentry_world) == "berth-ops"


def test_more_is_done_later_if_it_is_still_so(sentry_world: SentryWorld, rule: Any) -> None:
    rule('{ later = "30m", if = "is:unassigned", then = [{ assign = "#berth-ops" }] }')
    (later,) = done(sentry_world).later
    assert (later.after, sentry_world.issue.assignee) == (1800, None)
    delivered = later.run()
    assert (delivered.error, assignee(sentry_world)) == (None, "berth-ops")
    assert delivered.audit[0].text("because") == "rule mine"
    assert "nothing is left to do" in later.run().did[0]
