"""An event answers searches alike, whether a webhook brought it or Sentry's API."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vedette.search.event_forms import to_api, to_webhook
from vedette.events import ApiEvent, StoredEvent
from vedette.search import Facts, Verdict, facts_of_stored_event, parse
from vedette.search.facts.answers import NOT_KNOWN
from vedette.search.key_table import KINDS, SOURCES

KEYS = sorted({*KINDS, *SOURCES, "tags[shop]", "tags[os.name]", "flags[fast]"} - {"is", "has"})
NOT_TOLD_BY_THE_API = {"error.main_thread"}
"""Unknown there, which is never wrong."""

WORDS = st.sampled_from(["checkout", "Größe 3", "a.b", "x@1.0.0+7", "/srv/app/views.py"])
MOMENTS = st.integers(1_700_000_000_000, 1_800_000_000_000)


def some(required: dict[str, st.SearchStrategy[Any]] | None = None, **optional: Any) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(required or {}, optional=optional)


FRAMES = some(
    function=WORDS,
    module=WORDS,
    filename=WORDS,
    abs_path=WORDS,
    package=WORDS,
    lineno=st.integers(1, 900),
    colno=st.integers(0, 90),
    in_app=st.booleans(),
) | some(
    {
        "lineno": st.integers(50, 60),
        "pre_context": st.lists(WORDS, max_size=3),
        "context_line": WORDS,
        "post_context": st.lists(WORDS, max_size=3),
        "in_app": st.booleans(),
    }
)
EXCEPTIONS = some(
    type=WORDS,
    value=WORDS,
    module=WORDS,
    thread_id=st.integers(0, 2),
    mechanism=some({"type": WORDS}, handled=st.booleans()),
    stacktrace=some({"frames": st.lists(FRAMES, max_size=4)}),
)
TAG_KEYS = ["shop", "level", "logger", "transaction", "environment", "user", "url", "device.class", "release", "dist"]
TAGS = st.dictionaries(st.sampled_from(TAG_KEYS), WORDS | st.sampled_from(["1", "id:7", "email:ann@example.com"]))
CONTEXTS = some(
    os=some({"name": WORDS}),
    response=some({"status_code": st.integers(200, 599)}),
    trace=some({"trace_id": WORDS, "span_id": WORDS, "parent_span_id": WORDS}),
    flags=some({"values": st.lists(some({"flag": st.just("fast"), "result": st.booleans()}), max_size=2)}),
    unreal=some({"crash_type": WORDS}),
)
USERS = some(
    id=WORDS,
    email=WORDS,
    username=WORDS,
    ip_address=WORDS,
    name=WORDS,
    geo=some(country_code=WORDS, city=WORDS, region=WORDS, subdivision=WORDS),
)


@st.composite
def webhook_events(draw: st.DrawFn) -> dict[str, Any]:
    tags: dict[str, str] = draw(TAGS)
    optional = some(
        culprit=WORDS,
        location=WORDS,
        platform=WORDS,
        user=USERS,
        contexts=CONTEXTS,
        sdk=some({"name": WORDS, "version": WORDS}),
        metadata=some(title=WORDS, type=WORDS, value=WORDS, filename=WORDS, function=WORDS),
        request=some(method=WORDS, url=WORDS, headers=st.lists(st.tuples(st.just("Referer"), WORDS).map(list))),
        logentry=some({"formatted": WORDS}),
        exception=some({"values": st.lists(EXCEPTIONS, max_size=3)}),
        threads=some({"values": st.lists(some({"id": st.integers(0, 2)}, main=st.booleans()), max_size=2)}),
    )
    own = {
        key: tags[key] for key in ("level", "logger", "transaction", "environment", "release", "dist") if key in tags
    }
    return {
        "event_id": "7d0f4b1e2c8a4f6f9a3b5c2d1e0f8a97",
        "issue_id": "42",
        "project": 7,
        "title": draw(WORDS),
        "message": draw(st.just("") | WORDS),
        "type": draw(st.sampled_from(["error", "default", "csp", "generic"])),
        "datetime": datetime.fromtimestamp(draw(MOMENTS) / 1000, UTC).isoformat(),
        "received": draw(MOMENTS) / 1000,
        "tags": [[key, value] for key, value in tags.items()],
        **own,
        **draw(optional),
    }


def facts_of_webhook(event: dict[str, Any]) -> Facts:
    return facts_of_stored_event(StoredEvent.model_validate(event))


def facts_of_api(event: dict[str, Any]) -> Facts:
    return facts_of_stored_event(ApiEvent.model_validate(event))


@given(webhook_events())
def test_every_key_has_the_same_answer_in_both_forms(event: dict[str, Any]) -> None:
    webhook, api = facts_of_webhook(event), facts_of_api(to_api(event))
    back = facts_of_webhook(to_webhook(to_api(event)))
    for key in KEYS:
        if key in NOT_TOLD_BY_THE_API:
            assert api.get(key) in (NOT_KNOWN, webhook.get(key)), key
        else:
            assert api.get(key) == webhook.get(key), key
            assert back.get(key) == webhook.get(key), key


@pytest.mark.parametrize(
    ("query", "verdict"),
    [
        ("stack.in_app:true", Verdict.TRUE),
        ("!stack.in_app:true", Verdict.FALSE),
        ("stack.lineno:41", Verdict.TRUE),
        ("stack.colno:5", Verdict.TRUE),
        ("stack.abs_path:*oracle/views.py", Verdict.TRUE),
        ("has:error.received", Verdict.TRUE),
        ("error.main_thread:true", Verdict.UNKNOWN),
        ("!error.main_thread:true", Verdict.UNKNOWN),
    ],
)
def test_an_event_of_the_api_has_frames_lines_and_a_time_of_receipt(query: str, verdict: Verdict) -> None:
    frame = {"absPath": "/srv/oracle/views.py", "lineNo": 41, "colNo": 5, "inApp": True}
    exception = {"type": "KeyError", "threadId": 1, "stacktrace": {"frames": [frame]}}
    entries = [
        {"type": "exception", "data": {"values": [exception]}},
        {"type": "threads", "data": {"values": [{"id": 1}]}},
    ]
    event = ApiEvent.model_validate({"entries": entries, "dateReceived": "2023-07-11T08:00:00.123Z"})
    assert parse(query).evaluate(facts_of_stored_event(event)) is verdict


def test_the_source_lines_of_a_frame_are_told_apart() -> None:
    frame = {"lineNo": 41, "context": [[40, "before"], [41, "itself"], [42, "after"], ["x", 1], 7]}
    data = {"values": [{"stacktrace": {"frames": [frame, 7]}}, 7]}
    event = ApiEvent.model_validate({"entries": [{"type": "exception", "data": data}]})
    (found,) = event.exceptions[0].frames
    assert (found.pre_context, found.context_line, found.post_context) == (["before"], "itself", ["after"])
    assert event.exceptions[1:] == []


@pytest.mark.parametrize("values", [None, 7, {}, [[]], [{"stacktrace": []}], [{"stacktrace": {"frames": {}}}]])
def test_odd_exceptions_of_the_api_are_none(values: Any) -> None:
    event = ApiEvent.model_validate({"entries": [{"type": "exception", "data": {"values": values}}]})
    assert [frame for exception in event.exceptions for frame in exception.frames] == []
