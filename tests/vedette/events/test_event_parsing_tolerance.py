"""Any body results in an event or InvalidPayload, nothing else."""

import contextlib
import json
import math
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.events import Event, InvalidPayload, IssueEvent, parse, samples
from vedette.events.catalog import RESOURCES

Ask = Callable[[object], None]

relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters(), max_size=12)
    | st.sampled_from(["", "6941180273", "\ud800", "\x00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
    | st.sampled_from([10**4000, -(10**30), math.inf, math.nan])
)
keys = st.text(max_size=6) | st.sampled_from(["id", "type", "values", "frames", "key", "value", "uuid", "name"])
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)
resources = st.sampled_from(sorted(RESOURCES))


@st.composite
def likely_bodies(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Bodies that keep their resource's promises, with anything inside."""
    resource = draw(resources)
    described = RESOURCES[resource]
    content: dict[str, Any] = draw(st.dictionaries(keys, json_values, max_size=3))
    for key in described.objects:
        content[key] = draw(st.dictionaries(keys, json_values, max_size=5))
    for key in described.any_of[:1]:
        content[key] = draw(json_values)
    envelope: dict[str, Any] = draw(
        st.fixed_dictionaries({}, optional={"action": json_values, "installation": json_values, "actor": json_values})
    )
    return resource, (envelope | {"data": content} if described.enveloped else content)


@relaxed
@given(likely_bodies())
def test_any_body_that_keeps_its_promises_is_an_event(ask_everything: Ask, body: tuple[str, dict[str, Any]]) -> None:
    resource, payload = body
    event = parse(resource, json.dumps(payload))
    assert event.resource == resource
    ask_everything(event)


@relaxed
@given(resources | st.text(), json_values)
def test_any_json_is_an_event_or_invalid(ask_everything: Ask, resource: str, value: object) -> None:
    for body in (json.dumps(value), json.dumps({"data": value}).encode(), {"data": value}):
        with contextlib.suppress(InvalidPayload):
            ask_everything(parse(resource, body))


@relaxed
@given(resources, st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")) | st.text())
def test_any_bytes_are_an_event_or_invalid(resource: str, body: bytes | str) -> None:
    with contextlib.suppress(InvalidPayload):
        parse(resource, body)


def _places(value: object) -> list[tuple[Any, Any]]:
    """Every container with every key or index in it."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        where = cast("Any", value)
        for key in cast("list[Any]", list(where) if isinstance(value, dict) else range(len(where))):
            found.append((where, key))
            found.extend(_places(where[key]))
    return found


@relaxed
@given(st.data())
def test_a_sample_with_anything_changed_below_its_promises_stays_an_event(
    ask_everything: Ask, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(samples.names()))
    described = RESOURCES[samples.resource_of(name)]
    payload = samples.load(name)
    promised = {"data", *described.objects, *described.any_of}
    for _ in range(data.draw(st.integers(1, 4))):
        places = [(where, key) for where, key in _places(payload) if key not in promised]
        where, key = data.draw(st.sampled_from(places))
        match data.draw(st.sampled_from(["remove", "swap", "add"])):
            case "remove":
                del where[key]
            case "swap":
                where[key] = data.draw(json_values)
            case _ if isinstance(where, list):
                cast("list[Any]", where).append(data.draw(json_values))
            case _:
                where[data.draw(keys.filter(lambda new: new not in promised))] = data.draw(json_values)
    event = parse(described.name, payload)
    ask_everything(event)


def test_one_wrong_field_leaves_the_others_readable() -> None:
    wrong = samples.build("issue.created", **{"data.issue.count": {"many": 1}, "data.issue.project": "ferry-api"})
    event = parse("issue", wrong)
    assert isinstance(event, IssueEvent)
    assert event.issue.count is None
    assert event.project.slug is None
    assert event.issue.short_id == "FERRY-API-4K"
    assert event.raw["data"]["issue"]["count"] == {"many": 1}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (6941180273, "6941180273"),
        ("6941180273", "6941180273"),
        (0, "0"),
        (10**4000, "1" + "0" * 4000),
        ("", None),
        (None, None),
        (True, None),
        (1.5, None),
        ([1], None),
        ({"id": 1}, None),
    ],
)
def test_ids_are_text_whatever_sentry_writes(written: object, read: str | None) -> None:
    assert parse("comment", samples.build("comment.created", data__issue_id=written)).issue_id == read


@pytest.mark.parametrize(
    "written",
    [
        "2026-10-04T06:12:09.184000Z",
        "2026-10-04T06:12:09.184000+00:00",
        "2026-10-04T06:12:09.184Z",
        "2026-10-04T08:12:09.184+02:00",
        "2026-10-04T06:12:09.184000",
    ],
)
def test_both_spellings_of_datetimes_are_aware_utc(written: str) -> None:
    event = parse("issue", samples.build("issue.created", data__issue__firstSeen=written))
    assert isinstance(event, IssueEvent)
    assert event.issue.first_seen is not None
    assert event.issue.first_seen.isoformat() == "2026-10-04T06:12:09.184000+00:00"


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "soon", "", True, [1]])
def test_datetimes_that_cannot_be_told_in_utc_are_none(written: object) -> None:
    event = parse("issue", samples.build("issue.created", data__issue__firstSeen=written))
    assert isinstance(event, IssueEvent)
    assert event.issue.first_seen is None


def _issue(title: str) -> bytes:
    return b'{"action":"created","data":{"issue":{"id":"1","title":' + title.encode("utf-8", "surrogatepass") + b"}}}"


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ('"nul \\u0000 inside"', "nul \x00 inside"),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ('"half \\ud83d"', "half \ufffd"),
        ('"\\ude00\\ud83d"', "\ufffd\ufffd"),
        ('"a\\\\ud83d"', "a\\ud83d"),
        ("NaN", None),
        ("-Infinity", None),
        ("1" * 4000, None),
        ('"first","title":"second"', "second"),
        ("[" * 150 + "]" * 150, None),
    ],
)
def test_odd_json_is_read(title: str, read: str | None) -> None:
    event = parse("issue", _issue(title))
    assert event.title == read
    event.to_payload()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b'{"a":"\xff"}',
        b'{"a":"\\u00zz"}',
        b'{"a":"raw \x00"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        _issue("[" * 300 + "]" * 300),
        _issue('["\\ud800",' + "[" * 300 + "]" * 300 + "]"),
        _issue("1" * 5000),
        '{"a":"\ud800',
    ],
)
def test_what_is_no_json_object_is_invalid(body: bytes | str) -> None:
    with pytest.raises(InvalidPayload, match="Quarantine the delivery"):
        parse("issue", body)


def test_objects_that_json_cannot_say_are_invalid() -> None:
    endless: dict[str, object] = {}
    endless["data"] = endless
    for body in (endless, {"data": object()}, {"data": {("a", "b"): 1}}, {"data": 10**5000}):
        with pytest.raises(InvalidPayload):
            parse("issue", cast("dict[str, object]", body))


def test_an_event_shares_nothing_with_what_it_was_made_from() -> None:
    payload = samples.load("issue.created")
    event = parse("issue", payload)
    payload["data"]["issue"]["title"] = "changed"
    event.to_payload()["data"]["issue"]["title"] = "changed too"
    assert event.to_payload()["data"]["issue"]["title"] == event.title != "changed"


@pytest.mark.parametrize("name", samples.names())
def test_a_body_under_another_resource_is_invalid(name: str) -> None:
    payload = samples.load(name)
    own = samples.resource_of(name)
    # An activity alert does carry an issue: as `issue` it is an event with an action nobody asks for.
    compatible = {own, "issue"} if own == "activity_alert" else {own}
    for other in set(RESOURCES) - compatible:
        with pytest.raises(InvalidPayload) as caught:
            parse(other, payload)
        assert caught.value.resource == other


def test_an_activity_alert_under_the_name_of_an_issue_answers_to_no_known_name() -> None:
    assert parse("issue", samples.load("activity_alert.triggered")).name == "issue.triggered"


@pytest.mark.parametrize(
    ("resource", "broken"),
    [
        ("issue", {"action": "created"}),
        ("issue", {"action": "created", "data": []}),
        ("issue", {"action": "created", "data": {"issue": []}}),
        ("error", {"data": {"error": None}}),
        ("event_alert", {"data": {"error": {}}}),
        ("activity_alert", {"data": {"issue": {}}}),
        ("metric_alert", {"data": {"metric_alert": "381155"}}),
        ("comment", {"data": {"issue_id": 1}}),
        ("seer", {"data": {"group_id": 1}}),
        ("installation", {"installation": {"uuid": "x"}, "data": {}}),
        ("preprod_artifact", {"data": {"state": "FAILED"}}),
        ("service_hook", {"event": {}}),
        ("legacy_webhook", {"event": {}}),
    ],
)
def test_a_broken_promise_is_invalid_and_says_which(resource: str, broken: dict[str, object]) -> None:
    with pytest.raises(InvalidPayload, match="`") as caught:
        parse(resource, broken)
    assert caught.value.reason in str(caught.value)


def test_the_error_never_quotes_the_body_nor_an_endless_resource() -> None:
    with pytest.raises(InvalidPayload) as caught:
        parse("r" * 10_000, b'{"code":"b1946ac9"')
    assert "b1946ac9" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_an_envelope_of_nonsense_still_gives_an_event() -> None:
    payload = samples.load("issue.created") | {"action": 7, "installation": "none", "actor": [1]}
    event: Event = parse("issue", payload)
    assert (event.action, event.name, event.installation, event.actor.type) == ("", "issue", None, None)
