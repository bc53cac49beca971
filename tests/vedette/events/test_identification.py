"""The partial decode agrees with the models, and no body makes it fail."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.receiver.sentry import wire
from vedette.events import parse
from vedette.events.catalog import RESOURCES
from vedette.events.identification import identify

_OWN_NAMES = {"service_hook.event_alert": "service_hook", "legacy_webhook": "legacy_webhook"}


def payloads(folder: Path) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for path in sorted(folder.glob("*.json")):
        resource = _OWN_NAMES.get(path.stem, path.stem.partition(".")[0])
        if resource in RESOURCES:
            found.append((resource, wire(json.loads(path.read_text()))))
    return found


def test_the_door_and_the_models_agree_on_every_sample(shared: Path) -> None:
    samples = payloads(shared / "sentry" / "payloads")
    assert len(samples) > 30
    for resource, body in samples:
        known, event = identify(resource, body), parse(resource, body)
        assert known.quarantine == ""
        assert known.action == event.action
        assert known.subject == (event.subject or ""), resource
        assert known.issue == (event.issue_id or ""), resource
        assert known.key == (event.deduplication_key or ""), resource
        assert known.recurs == event.deduplication_bucketed
        assert known.label == (event.short_id or "") or resource not in {"issue", "activity_alert"}


def test_a_sample_claimed_for_another_resource_is_quarantined(shared: Path) -> None:
    for resource, body in payloads(shared / "sentry" / "payloads"):
        for other in {"error", "comment", "metric_alert", "installation", "preprod_artifact"} - {resource}:
            assert identify(other, body).quarantine == "resource_mismatch", (resource, other)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"nonsense", "not_json"),
        (b'{"action":"created"', "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"action":"created","data":{"issue":{"id":"\xff\xfe"}}}', "not_json"),
        (b'{"action":"created","data":{"issue":{"id":5,"statusDetails":{"\xff":1}}}}', "not_json"),
        (b'{"action":"created\xc3","data":{"issue":{"id":5}}}', "not_json"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"{}", "resource_mismatch"),
        (b'{"data":[]}', "resource_mismatch"),
        (b'{"data":{"issue":"1"}}', "resource_mismatch"),
        (b'{"data":{"issue":null}}', "resource_mismatch"),
        (b'{"action":7,"data":{"issue":{}}}', "action_malformed"),
        (b'{"action":"a b","data":{"issue":{}}}', "action_malformed"),
        (b'{"action":"' + b"x" * 65 + b'","data":{"issue":{}}}', "action_malformed"),
        (b'{"action":"created","data":{"issue":{"id":"' + b"9" * 129 + b'"}}}', "issue_id_too_long"),
        (b"[" * 100_000, "too_deep"),
        (b'{"data":{"issue":{"statusDetails":' + b"[" * 5000 + b"]" * 5000 + b"}}}", "too_deep"),
    ],
)
def test_what_cannot_be_handled_is_quarantined_with_a_reason(body: bytes, reason: str) -> None:
    known = identify("issue", body)
    assert known.quarantine == reason
    assert (known.key, known.sent_key, known.trust) == ("", "", "!")


def test_a_resource_that_is_no_name_is_quarantined() -> None:
    assert identify("", b"{}").quarantine == "resource_missing"
    assert identify("a b", b"{}").quarantine == "resource_malformed"
    assert identify("x" * 65, b"{}").quarantine == "resource_malformed"


def test_an_unknown_resource_or_action_is_taken_as_it_is() -> None:
    known = identify("novel", b'{"action":"invented","data":{}}')
    assert (known.quarantine, known.resource, known.action) == ("", "novel", "invented")
    known = identify("issue", b'{"action":"invented","data":{"issue":{"id":5}}}')
    assert (known.quarantine, known.action, known.subject) == ("", "invented", "issue:5")


def test_types_that_servers_may_change_do_not_matter() -> None:
    known = identify("issue", b'{"action":"created","installation":7,"data":{"issue":{"id":5},"alert":[],"event":1}}')
    assert (known.quarantine, known.subject) == ("", "issue:5")


def test_half_a_surrogate_pair_does_no_harm() -> None:
    known = identify("issue", b'{"action":"created","data":{"issue":{"id":"\\ud800"}}}')
    assert known.quarantine == ""
    assert (known.subject + known.key + known.issue).encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=20,
)
KEYS = ["issue", "error", "event", "metric_alert", "activity", "alert", "installation", "assignee", "comment_id", "id"]
SHAPED = st.fixed_dictionaries(
    {},
    optional={
        "action": JSON,
        "installation": JSON | st.fixed_dictionaries({}, optional={"uuid": JSON}),
        "data": JSON | st.dictionaries(st.sampled_from(KEYS), JSON | st.dictionaries(st.sampled_from(KEYS), JSON)),
        "group": JSON,
        "event": JSON,
        "id": JSON,
        "triggering_rules": JSON,
    },
)


@given(st.sampled_from([*RESOURCES, "novel"]), SHAPED | JSON)
def test_no_json_makes_it_fail(resource: str, value: object) -> None:
    known = identify(resource, wire(value))
    for text in (known.resource, known.action, known.subject, known.issue, known.key):
        assert len(text.encode()) < 1024


@given(st.text(max_size=80), st.binary(max_size=300))
def test_no_bytes_make_it_fail(resource: str, body: bytes) -> None:
    assert identify(resource, body).quarantine


JUNK = [
    b"\xff",
    b"\xc3",
    b"\x80",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"\\u0000",
    b"[" * 300,
    b"9" * 5000,
    b"1e999999",
    b"NaN",
]


@given(
    st.sampled_from([*RESOURCES, "novel"]),
    SHAPED,
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 3), st.sampled_from(JUNK) | st.binary(max_size=4)),
        min_size=1,
        max_size=4,
    ),
)
def test_no_damage_to_json_makes_it_fail(resource: str, value: object, damage: list[tuple[float, int, bytes]]) -> None:
    body = wire(value)
    for place, length, junk in damage:
        at = int(place * len(body))
        body = body[:at] + junk + body[at + length :]
    known = identify(resource, body, "k" * 32)
    assert known.quarantine != "unreadable"
    for text in (known.resource, known.action, known.subject, known.issue, known.key, known.label, known.title):
        assert len(text.encode()) < 1024
