"""What deliveries are about, and which are repetitions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.events import parse, samples
from vedette.events.deduplication import deduplication_key_of, is_bucketed, subject_of
from vedette.events.identifiers import digest, digest_of_id
from vedette.events.identity_paths import Traits, traits_of, value_at

INSTALLATION = "5f0c7f3e-9a41-4d7e-8a55-3c8e0d1b6a92"


@pytest.mark.parametrize(
    ("resource", "traits", "subject"),
    [
        ("issue", {"issue_id": "42"}, "issue:42"),
        ("error", {"issue_id": 42}, "issue:42"),
        ("event_alert", {"issue_id": "42", "event_id": "ab"}, "issue:42"),
        ("activity_alert", {"issue_id": "42"}, "issue:42"),
        ("comment", {"issue_id": 42}, "issue:42"),
        ("seer", {"issue_id": 42, "run_id": 7}, "issue:42"),
        ("seer", {"run_id": 7, "sentry_run_id": "0f5d"}, "seer:7"),
        ("seer", {"run_id": None, "sentry_run_id": "0f5d"}, "seer:0f5d"),
        ("service_hook", {"issue_id": "42"}, "issue:42"),
        ("legacy_webhook", {"issue_id": "42"}, "issue:42"),
        ("metric_alert", {"alert_rule_id": "5", "metric_alert_id": "6"}, "metric_alert:5"),
        ("metric_alert", {"alert_rule_id": None, "metric_alert_id": "6"}, "metric_alert:6"),
        ("installation", {"installation_uuid": "9b"}, "installation:9b"),
        ("installation", {}, f"installation:{INSTALLATION}"),
        ("preprod_artifact", {"build_id": 770418}, "build:770418"),
        ("issue", {}, None),
        ("issue", {"issue_id": True}, None),
        ("error", {"issue_id": ""}, None),
        ("error", {"issue_id": 10**5000}, None),
        ("seer", {}, None),
        ("forecast", {"issue_id": "42"}, None),
    ],
)
def test_the_subject_is_what_a_delivery_is_about(resource: str, traits: Traits, subject: str | None) -> None:
    assert subject_of(resource, traits, installation=INSTALLATION) == subject


def key(sample: str, **overrides: object) -> str:
    found = parse(samples.resource_of(sample), samples.build(sample, **overrides)).deduplication_key
    assert found is not None
    return found


SEPARATES: list[tuple[str, str, object]] = [
    ("error.created", "data.error.event_id", "0" * 32),
    ("error.created", "data.error.project", 7),
    ("event_alert.triggered", "data.event.event_id", "0" * 32),
    ("event_alert.triggered", "data.triggered_rule", "another rule"),
    ("event_alert.triggered.with_settings", "data.issue_alert.id", 7),
    ("issue.created", "data.issue.id", "7"),
    ("issue.created", "action", "resolved"),
    ("issue.assigned", "data.assignee.id", 7),
    ("issue.unresolved", "data.issue.substatus", "ongoing"),
    ("issue.resolved", "data.resolution_type", "now"),
    ("issue.resolved", "data.issue.statusDetails", {"inRelease": "7"}),
    ("issue.archived", "data.issue.substatus", "archived_forever"),
    ("comment.created", "data.comment_id", 7),
    ("comment.created", "data.comment", "another text"),
    ("comment.created", "action", "deleted"),
    ("metric_alert.critical", "data.metric_alert.id", "7"),
    ("metric_alert.critical", "action", "warning"),
    ("metric_alert.critical", "data.metric_alert.date_closed", "2026-10-04T07:00:00Z"),
    ("activity_alert.triggered", "data.issue.id", "7"),
    ("activity_alert.triggered", "data.alert.id", 7),
    ("activity_alert.triggered", "data.activity.type", "status_ignored"),
    ("activity_alert.triggered", "data.activity.details", {}),
    ("seer.iteration_completed", "data.run_id", 7),
    ("seer.iteration_completed", "action", "pr_created"),
    ("seer.iteration_completed", "data.iteration_index", 3),
    ("preprod_artifact.size_analysis_completed", "data.buildId", "7"),
    ("preprod_artifact.size_analysis_completed", "data.state", "FAILED"),
    ("preprod_artifact.size_analysis_completed", "action", "build_distribution_completed"),
    ("installation.created", "data.installation.uuid", "7"),
    ("installation.created", "action", "deleted"),
    ("service_hook.event_alert", "event.eventID", "7"),
    ("legacy_webhook", "event.event_id", "7"),
    ("legacy_webhook", "triggering_rules.0", "another rule"),
    ("issue.created", "installation.uuid", "another"),
]


@pytest.mark.parametrize(("sample", "path", "value"), SEPARATES)
def test_what_differs_in_meaning_has_another_key(sample: str, path: str, value: object) -> None:
    assert key(sample) != key(sample, **{path: value})


SAME: list[tuple[str, str, object]] = [
    ("issue.resolved", "data.issue.count", "38"),
    ("issue.resolved", "data.issue.lastSeen", "2026-10-04T10:00:00.000000Z"),
    ("issue.created", "data.issue.substatus", "ongoing"),
    ("error.created", "data.error.project", "4508811229167616"),
    ("event_alert.triggered.with_settings", "data.issue_alert.id", "1733021"),
    ("comment.created", "data.comment_id", "5520013"),
    ("seer.coding_completed", "data.run_id", "3390211"),
    ("issue.archived", "action", "ignored"),
]


@pytest.mark.parametrize(("sample", "path", "value"), SAME)
def test_what_moves_between_attempts_keeps_the_key(sample: str, path: str, value: object) -> None:
    assert key(sample) == key(sample, **{path: value})


def test_the_order_of_keys_does_not_matter() -> None:
    payload = samples.load("issue.assigned")
    payload["data"]["assignee"] = dict(reversed(payload["data"]["assignee"].items()))
    assert parse("issue", payload).deduplication_key == key("issue.assigned")


def test_a_seer_run_without_its_number_is_known_by_its_uuid() -> None:
    assert "0f5d7b9e-6f0a-4ad0-a6e5-1b7a3c9e2d44" in key("seer.coding_started", data__run_id=None)


@pytest.mark.parametrize("name", samples.names())
def test_keys_start_with_the_installation_and_stay_short(name: str) -> None:
    found = key(name)
    assert found.startswith("-:" if name.startswith(("service_hook", "legacy_webhook")) else f"{INSTALLATION}:")
    assert len(found) < 200


@pytest.mark.parametrize(
    ("resource", "action", "bucketed"),
    [
        ("issue", "created", False),
        ("issue", "assigned", True),
        ("issue", "resolved", True),
        ("issue", "merged", True),
        ("metric_alert", "critical", True),
        ("activity_alert", "triggered", True),
        ("error", "created", False),
        ("event_alert", "triggered", False),
        ("comment", "updated", False),
        ("seer", "pr_created", False),
        ("preprod_artifact", "size_analysis_completed", False),
        ("installation", "created", False),
    ],
)
def test_keys_that_come_again_are_bucketed(resource: str, action: str, bucketed: bool) -> None:
    assert is_bucketed(resource, action) is bucketed


@pytest.mark.parametrize("name", ["issue.created", "issue.ignored"])
def test_the_event_says_whether_its_key_is_bucketed(name: str) -> None:
    event = parse("issue", samples.load(name))
    assert event.deduplication_bucketed is (name != "issue.created")


@pytest.mark.parametrize("resource", ["issue", "error", "comment", "seer", "metric_alert", "forecast"])
def test_without_an_id_nothing_is_a_repetition(resource: str) -> None:
    assert deduplication_key_of(resource, "created", Traits(), installation=INSTALLATION) is None


def test_endless_ids_make_short_keys() -> None:
    endless = "9" * 1_000_000
    subject = subject_of("issue", Traits(issue_id=endless))
    found = deduplication_key_of("issue", "x" * 1_000_000, Traits(issue_id=endless), installation=endless)
    assert subject is not None
    assert len(subject) < 64
    assert found is not None
    assert len(found) < 200
    assert subject != subject_of("issue", Traits(issue_id=endless + "9"))


@pytest.mark.parametrize("name", samples.names())
def test_bare_values_and_the_event_agree(name: str) -> None:
    resource, payload = samples.resource_of(name), samples.load(name)
    event = parse(resource, payload)
    traits = traits_of(resource, payload)
    installation = payload.get("installation", {}).get("uuid")
    action = payload.get("action", "")
    assert subject_of(resource, traits, installation=installation) == event.subject
    assert deduplication_key_of(resource, action, traits, installation=installation) == event.deduplication_key


@pytest.mark.parametrize(
    ("body", "found"),
    [({"a": {"b": 1}}, 1), ({"a": {}}, None), ({"a": [1]}, None), ({}, None), (None, None), ({"a": "b"}, None)],
)
def test_a_path_leads_to_a_value_or_nowhere(body: Any, found: object) -> None:
    assert value_at(body, "a.b") == found


@given(st.none() | st.text(max_size=20) | st.from_regex(r"[0-9a-z]{1,20}", fullmatch=True))
def test_the_quick_digest_of_an_id_is_its_digest(found: str | None) -> None:
    assert digest_of_id(found) == digest([found])
