import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.api.models import EventSummary, SentryEvent
from vedette.api.redaction import HIDDEN, HIDDEN_DATA, can_redact, redact

EVENT: dict[str, Any] = {
    "eventID": "ab" * 16,
    "title": "KeyError: 7",
    "user": {"id": "7", "email": "ann@example.com", "ip_address": "203.0.113.77"},
    "userReport": {"email": "ann@example.com", "comments": "it broke"},
    "tags": [{"key": "user", "value": "email:ann@example.com"}, {"key": "level", "value": "error"}],
    "contexts": {"trace": {"trace_id": "t-1"}, "device": {"name": "Ann's phone"}},
    "context": {"cart": "secret-cart"},
    "_meta": {"user": {"email": {"": {"val": "ann@example.com"}}}},
    "entries": [
        {
            "type": "exception",
            "data": {
                "values": [
                    {
                        "value": "7",
                        "stacktrace": {
                            "frames": [
                                {"function": "pay", "vars": {"card": "secret-card"}, "context": [[1, "pay(card)"]]}
                            ]
                        },
                    }
                ]
            },
        },
        {
            "type": "request",
            "data": {
                "url": "https://shop.example/pay?token=secret-query",
                "query": [["token", "secret-query"]],
                "headers": [["Accept", "*/*"], ["Cookie", "sid=secret-cookie"]],
                "cookies": [["sid", "secret-cookie"]],
                "data": {"card": "secret-body"},
                "env": {"REMOTE_ADDR": "secret-address"},
            },
        },
        {"type": "breadcrumbs", "data": {"values": [{"message": "clicked", "data": {"to": "secret-crumb"}}]}},
    ],
}
TELLING = {
    "user": ["ann@example.com", "203.0.113.77"],
    "request": ["shop.example", "secret-query", "secret-cookie", "secret-body", "secret-address"],
    "request.headers": ["Accept"],
    "request.cookies": ["secret-cookie"],
    "request.data": ["secret-body"],
    "request.query": ["secret-query"],
    "request.env": ["secret-address"],
    "contexts": ["t-1", "Ann's phone"],
    "extra": ["secret-cart"],
    "vars": ["secret-card"],
    "breadcrumbs": ["clicked", "secret-crumb"],
    "breadcrumbs.data": ["secret-crumb"],
}
"""By class: texts of the event that are gone once it is hidden."""


@pytest.mark.parametrize("hidden", HIDDEN_DATA)
@pytest.mark.parametrize("operation", ["events.get_for_issue", "events.get", "issues.hashes"])
def test_a_class_is_hidden_and_the_rest_stays(hidden: str, operation: str) -> None:
    body = EVENT if operation != "issues.hashes" else [{"id": "h", "latestEvent": EVENT}]
    found = redact(operation, {}, body, [hidden])
    text = json.dumps(found.body)
    assert [gone for gone in TELLING[hidden] if gone in text] == []
    assert found.hidden >= 1
    assert HIDDEN in text or hidden in {"request.headers", "request.cookies", "request.query"}
    assert [kept for kept in ("KeyError: 7", "pay(card)", "error") if kept not in text] == []


def test_only_what_is_of_the_class_is_hidden() -> None:
    text = json.dumps(redact("events.get", {}, EVENT, ["request.cookies"]).body)
    kept = [each for name, words in TELLING.items() if not name.startswith("request") for each in words]
    assert [each for each in [*kept, "secret-body", "*/*"] if each not in text and each != "ann@example.com"] == []


def test_all_classes_together_leave_nothing_of_any() -> None:
    text = json.dumps(redact("events.get", {}, EVENT, HIDDEN_DATA).body)
    assert [word for words in TELLING.values() for word in words if word in text] == []


@pytest.mark.parametrize(
    ("operation", "parameters", "body"),
    [
        ("issues.tags", {}, [{"key": "user", "topValues": [{"value": "email:ann@example.com", "count": 2}]}]),
        ("issues.tag", {"key": "user"}, {"key": "user", "topValues": [{"value": "email:ann@example.com"}]}),
        ("issues.tag_values", {"key": "user"}, [{"value": "id:7", "email": "ann@example.com", "count": 1}]),
        ("issues.tag_values", {"key": "sentry:user"}, [{"email": "ann@example.com", "count": 1}]),
        ("projects.users", {}, [{"id": "1", "email": "ann@example.com", "avatarUrl": "https://x/ann@example.com"}]),
        ("issues.user_reports", {}, [{"name": "Ann", "email": "ann@example.com", "comments": "it broke"}]),
        ("events.search", {}, {"data": [{"user.email": "ann@example.com", "tags[user]": "x", "user": "y"}]}),
    ],
)
def test_lists_of_users_are_hidden_with_the_user(operation: str, parameters: dict[str, str], body: Any) -> None:
    assert can_redact(operation, ["user"])
    found = redact(operation, parameters, body, ["user"])
    assert "ann@example.com" not in json.dumps(found.body)
    assert found.hidden >= 1


def test_names_that_only_begin_like_the_user_stay() -> None:
    rows = {"data": [{"user_agent": "curl", "userCount": 3, "count_unique(user)": 4}]}
    assert redact("events.search", {}, rows, ["user"]).body == rows


@pytest.mark.parametrize(
    "operation", ["issues.get", "issues.comments", "issues.update", "projects.get", "members.list"]
)
def test_answers_without_event_data_need_not_be_decoded(operation: str) -> None:
    assert not can_redact(operation, HIDDEN_DATA)
    body = {"user": {"name": "Ann"}}
    assert redact(operation, {}, body, HIDDEN_DATA).body is body


@pytest.mark.parametrize("hidden", HIDDEN_DATA)
def test_a_client_still_reads_an_event_of_which_a_class_is_hidden(hidden: str) -> None:
    SentryEvent.model_validate({"id": "1", **redact("events.get", {}, EVENT, [hidden]).body})
    EventSummary.model_validate({"id": "1", **redact("events.get", {}, EVENT, [hidden]).body})


def test_nothing_is_hidden_where_nothing_is_to_be() -> None:
    assert not can_redact("events.get", [])
    assert redact("events.get", {}, EVENT, []).body is EVENT


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["request", "breadcrumbs", "user"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "data", "user", "key", "value", "entries", "values", "headers", "context", "vars"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON, st.sampled_from(["events.get", "issues.tags", "issues.tag_values", "projects.users", "events.search"]))
def test_any_answer_can_be_redacted_and_is_not_changed_itself(body: Any, operation: str) -> None:
    before = json.dumps(body, sort_keys=True)
    redacted = redact(operation, {"key": "user"}, body, HIDDEN_DATA)
    assert json.dumps(body, sort_keys=True) == before
    again = redact(operation, {"key": "user"}, redacted.body, HIDDEN_DATA)
    assert again.body == redacted.body
