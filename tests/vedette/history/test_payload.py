"""What is rebuilt from an issue's history is what Sentry sent: same keys, same content as far as it can be known."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.events import parse
from vedette.events.identification import identify
from vedette.history.event_reconstruction import ReconstructedEvent, reconstruct_comments, reconstruct_events
from vedette.history.payload import Origin, number_of, rebuild_payload
from vedette.history.people import People
from vedette.simulator import SENTRY, Actor, ErrorReport, Issue, World, notes, population, record_error, status
from vedette.simulator.serializers.issue import issue_json
from vedette.simulator.serializers.issue_detail import activity_json
from vedette.simulator.world.issues import Snooze
from vedette.simulator.world.people import Assignee

if TYPE_CHECKING:
    from collections.abc import Callable

BEGIN = datetime(2026, 11, 20, 8, tzinfo=UTC)
ACTIONS = ("resolve", "assign", "unassign", "archive", "reopen", "event", "comment", "priority")


class Story:
    """A world with one issue, the webhooks that it sent, and what its API shows of it."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.world = World(clock=lambda: self.now, seed=7)
        self.team = population.add_team(self.world, "payments")
        self.project = population.add_project(self.world, "shop", teams=[self.team])
        self.user = population.add_member(self.world, "mei@shop.example", "Mei Ito").user
        self.integration = population.add_integration(
            self.world,
            "vedette",
            client_secret="s" * 32,
            webhook_url="http://127.0.0.1:1/",
            events=("issue", "comment"),
        )
        self.sent: list[tuple[datetime, str, bytes]] = []
        self.world.listeners.append(
            lambda webhook: self.sent.append((self.now, webhook.resource, webhook.body(self.integration)))
        )
        self.event()
        self.issue: Issue = next(iter(self.world.issues.values()))

    def event(self) -> None:
        record_error(self.world, self.project, ErrorReport("ValueError", "it broke", user="ann"))

    def act(self, action: str) -> None:
        self.now += timedelta(seconds=90)
        person, world, issue = Actor(user=self.user), self.world, self.issue
        does: dict[str, Callable[[], object]] = {
            "resolve": lambda: status.resolve(world, issue, person),
            "assign": lambda: status.assign(world, issue, person, Assignee(self.team)),
            "unassign": lambda: status.unassign(world, issue, person),
            "archive": lambda: status.archive(world, issue, person, "archived_forever", Snooze()),
            "reopen": lambda: status.unresolve(world, issue, person, "ongoing"),
            "event": self.event,
            "comment": lambda: notes.comment(world, issue, person, f"seen at {self.now}"),
            "priority": lambda: status.set_priority(world, issue, SENTRY, "low"),
        }
        does[action]()

    def shown(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        activity = [activity_json(self.world, one) for one in reversed(self.issue.activity)]
        return json.loads(json.dumps(issue_json(self.world, self.issue, "user:1"))), json.loads(json.dumps(activity))

    def rebuilt(self) -> list[tuple[ReconstructedEvent, bytes]]:
        body, activity = self.shown()
        people = People()
        people.learn(body.get("assignedTo"))
        people.learn({"type": "team", "id": self.team.id, "slug": self.team.slug})
        origin = Origin(
            f"{self.world.base_url}/api/0/organizations/{self.world.organization_slug}/issues/",
            self.integration.installation,
        )
        events = [*reconstruct_events(body, activity, people), *reconstruct_comments(activity)]
        return [(one, json.dumps(rebuild_payload(one, body, origin)).encode()) for one in events]


@settings(deadline=None)
@given(st.lists(st.sampled_from(ACTIONS), max_size=12))
def test_every_webhook_that_can_be_rebuilt_is_and_no_other(actions: list[str]) -> None:
    story = Story()
    for action in actions:
        story.act(action)
    wanted = [(resource, body) for _, resource, body in story.sent if resource != "error"]
    sent = sorted((identify(resource, body) for resource, body in wanted), key=lambda one: one.occurrence)
    rebuilt = sorted(
        (identify(one.name.partition(".")[0], body) for one, body in story.rebuilt()), key=lambda one: one.occurrence
    )
    assert [one.occurrence for one in rebuilt] == [one.occurrence for one in sent]
    assert {one.quarantine for one in rebuilt} == {""}
    assert [(one.subject, one.issue, one.label, one.title) for one in rebuilt if one.resource == "issue"] == [
        (one.subject, one.issue, one.label, one.title) for one in sent if one.resource == "issue"
    ]
    # Those that happen once are recognised by their meaning, too.
    assert {one.key for one in rebuilt if not one.recurs} == {one.key for one in sent if not one.recurs}


def test_the_latest_change_is_rebuilt_as_it_was_sent() -> None:
    for actions in (["assign"], ["resolve"], ["archive"], ["resolve", "event"], ["comment"]):
        story = Story()
        for action in actions:
            story.act(action)
        _, resource, sent = [one for one in story.sent if one[1] != "error"][-1]
        event, rebuilt = max(story.rebuilt(), key=lambda pair: pair[0].at)
        assert event.at == story.now
        assert json.loads(rebuilt) == json.loads(sent)
        assert identify(resource, rebuilt).key == identify(resource, sent).key


def test_a_created_issue_is_as_new_as_it_was() -> None:
    story = Story()
    for action in ("assign", "event", "comment", "resolve"):
        story.act(action)
    sent = json.loads(next(body for _, resource, body in story.sent if resource == "issue"))
    rebuilt = json.loads(story.rebuilt()[0][1])
    assert rebuilt == sent
    event = parse("issue", rebuilt)
    assert event.name == "issue.created"
    assert event.actor.is_sentry


def test_an_integration_is_named_as_itself() -> None:
    story = Story()
    other = population.add_integration(story.world, "tracker", client_secret="t" * 32)
    status.resolve(story.world, story.issue, Actor(integration=other))
    _, rebuilt = story.rebuilt()[-1]
    actor = parse("issue", rebuilt).actor
    assert (actor.is_integration, actor.name) == (True, "tracker")


def test_an_issue_resolved_in_a_tracker_had_no_webhook() -> None:
    body, activity = Story().shown()
    synced = {"type": "set_resolved", "dateCreated": BEGIN.isoformat(), "data": {"integration_id": 7}}
    assert [one.name for one in reconstruct_events(body, [synced, *activity])] == ["issue.created"]


def test_only_digits_become_a_number() -> None:
    assert [number_of(one) for one in ("7", "\u0667", "x", None, 7, "9" * 99)] == [
        7,
        "\u0667",
        "x",
        None,
        7,
        "9" * 99,
    ]


_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
_FIELDS = ("id", "permalink", "project", "assignedTo", "status", "firstSeen", "metadata", "activity")


@given(
    st.dictionaries(st.sampled_from(_FIELDS), _JSON),
    st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["note", "set_resolved", "assigned", "set_ignored"])},
            optional=dict.fromkeys(("data", "user", "sentry_app", "id", "dateCreated"), _JSON),
        ),
        max_size=4,
    ),
)
def test_no_answer_of_the_api_is_too_strange(strange: dict[str, Any], activity: list[dict[str, Any]]) -> None:
    body = Story().shown()[0] | {"dateCreated": BEGIN.isoformat()} | strange
    for one in [*reconstruct_events(body, activity), *reconstruct_comments(activity)]:
        payload = rebuild_payload(one, body, Origin("https://sentry.io/api/0/", "uuid"))
        assert identify(one.name.partition(".")[0], json.dumps(payload).encode()).resource
