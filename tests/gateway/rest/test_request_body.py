"""Bodies that could be read in two ways, or that take more than their share."""

import asyncio
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rejections import BodySizeError, UnusableBodyError
from gateway.rest.body_aliases import with_documented_names
from gateway.rest.request_body import LONGEST, check_type, parse_body
from tests.gateway.gateways import RunningGateway, running_gateway
from vedette.store.server.client import RedisClient

JSON = {"content-type": "application/json"}
DEEP = "[" * 5000 + "]" * 5000
WRONG: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "form": (415, b"status=ignored&discard=1", {"content-type": "application/x-www-form-urlencoded"}),
    "multipart": (415, b"--x\r\n\r\n--x--", {"content-type": "multipart/form-data; boundary=x"}),
    "text": (415, b'{"status":"resolved"}', {"content-type": "text/plain"}),
    "another charset": (
        415,
        '{"status":"resolved"}'.encode("utf-16"),
        {"content-type": "application/json; charset=utf-16"},
    ),
    "compressed": (415, b"\x1f\x8b", {**JSON, "content-encoding": "gzip"}),
    "list": (400, b'[{"status":"resolved"}]', JSON),
    "text in JSON": (400, b'"resolved"', JSON),
    "null": (400, b"null", JSON),
    "no JSON": (400, b"{status: resolved}", JSON),
    "two objects": (400, b'{"status":"resolved"}{"merge":1}', JSON),
    "comment": (400, b'{"status":"resolved" /* x */}', JSON),
    "duplicate keys": (400, b'{"status":"unresolved","status":"resolved"}', JSON),
    "nested duplicate keys": (400, b'{"status":"resolved","statusDetails":{"a":1,"a":2}}', JSON),
    "NaN": (400, b'{"status":NaN}', JSON),
    "Infinity": (400, b'{"status":-Infinity}', JSON),
    "too large a number": (400, b'{"status":1e999}', JSON),
    "too many digits": (400, b'{"status":' + b"9" * 5000 + b"}", JSON),
    "depth": (400, b'{"status":' + b"[" * 21 + b"]" * 21 + b"}", JSON),
    "depth beyond the parser": (400, f'{{"status":{DEEP * 3}}}'.encode(), JSON),
    "half of a pair": (400, b'{"status":"\\ud800"}', JSON),
    "no UTF-8": (400, b'{"status":"\xff"}', JSON),
    "257 kB": (413, json.dumps({"status": "x" * 257 * 1024}).encode(), JSON),
    "nothing, with a type": (400, b"", JSON),
}


async def test_a_body_that_could_be_read_in_two_ways_is_rejected(gateway: RunningGateway) -> None:
    statuses = {
        name: (await gateway.call("actor", "PUT", gateway.issue_path(), content=content, headers=headers)).status_code
        for name, (_, content, headers) in WRONG.items()
    }
    assert statuses == {name: status for name, (status, _, _) in WRONG.items()}
    assert gateway.sentry.seen == []
    assert gateway.issues["first"].status == "unresolved"


async def test_a_body_where_none_belongs_is_rejected(gateway: RunningGateway) -> None:
    response = await gateway.call("actor", "GET", gateway.issue_path(), content=b'{"a":1}', headers=JSON)
    assert response.status_code == 400
    assert gateway.sentry.seen == []


async def exchange(gateway: RunningGateway, *lines: str, content: bytes = b"", ends: bool = True) -> bytes:
    """Send a PUT with these header lines, and return everything that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    head = [f"PUT {gateway.issue_path()} HTTP/1.1", "Host: x", f"Authorization: Bearer {gateway.tokens['actor']}"]
    writer.write("\r\n".join([*head, "Content-Type: application/json", *lines, "", ""]).encode() + content)
    if ends:
        writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    return answer


async def test_lengths_that_lie_send_nothing(gateway: RunningGateway) -> None:
    content = b'{"status":"resolved"}'
    shorter = await exchange(gateway, f"Content-Length: {len(content) + 10}", content=content)
    both = await exchange(gateway, f"Content-Length: {len(content)}", "Transfer-Encoding: chunked", content=content)
    twice = await exchange(gateway, "Content-Length: 21", "Content-Length: 22", content=content)
    negative = await exchange(gateway, "Content-Length: -1", content=content)
    huge = await exchange(gateway, f"Content-Length: {10**30}", content=content, ends=False)

    assert shorter == b"" or b" 400 " in shorter[:15]
    for answer in (both, twice, negative):
        assert answer.startswith(b"HTTP/1.1 400"), answer
    assert huge.startswith((b"HTTP/1.1 413", b"HTTP/1.1 400")), huge
    assert gateway.sentry.seen == []
    assert gateway.issues["first"].status == "unresolved"


async def test_a_body_that_does_not_arrive_in_time_sends_nothing(
    redis_url: str, redis_client: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.client_limits._TIMEOUT", 0.4)
    async with running_gateway(redis_url, redis_client) as gateway:
        answer = await exchange(gateway, "Content-Length: 21", "Connection: close", content=b'{"status":', ends=False)
        assert answer.startswith(b"HTTP/1.1 408"), answer
        assert b"did not arrive in time" in answer
        assert gateway.sentry.seen == []


async def test_what_follows_a_body_is_another_request_and_needs_its_own_token(gateway: RunningGateway) -> None:
    content = b'{"status":"resolved"}'
    smuggled = f"PUT {gateway.issue_path('second')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    answers = await exchange(gateway, f"Content-Length: {len(content)}", content=content + smuggled, ends=False)

    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200", b"401"]
    assert gateway.issues["second"].status == "unresolved"


async def test_the_body_that_is_sent_is_made_anew(gateway: RunningGateway) -> None:
    content = b'{ "status" :\n"resolved" }'
    response = await gateway.call("actor", "PUT", gateway.issue_path(), content=content, headers=JSON)
    assert response.status_code == 200
    assert [each.body for each in gateway.sentry.seen if each.method == "PUT"] == [b'{"status":"resolved"}']


@pytest.mark.parametrize(
    ("sent", "documented"),
    [
        ({"status": "muted", "snoozeDuration": None}, {"status": "ignored"}),
        ({"status": "ignored", "snoozeDuration": 30}, {"status": "ignored", "statusDetails": {"ignoreDuration": 30}}),
        (
            {"status": "ignored", "substatus": "archived_until_condition_met", "ignoreCount": 5, "ignoreWindow": 60},
            {
                "status": "ignored",
                "substatus": "archived_until_condition_met",
                "statusDetails": {"ignoreCount": 5, "ignoreWindow": 60},
            },
        ),
        (
            {"status": "ignored", "statusDetails": {"ignoreCount": 1}, "ignoreDuration": 9},
            {"status": "ignored", "statusDetails": {"ignoreCount": 1}},
        ),
        ({"ignoreDuration": 9}, {"ignoreDuration": 9}),
        ({"assignedTo": "user:1"}, {"assignedTo": "user:1"}),
    ],
)
def test_older_names_become_those_that_grants_and_sentences_know(
    sent: dict[str, Any], documented: dict[str, Any]
) -> None:
    assert with_documented_names("issues.update", sent) == documented
    assert with_documented_names("issues.comment", sent) == sent


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), _JSON, max_size=5))
def test_an_object_is_read_as_it_was_written(value: dict[str, Any]) -> None:
    try:
        content = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        content = json.dumps(value).encode()
        with pytest.raises(UnusableBodyError, match="half of a surrogate pair"):
            parse_body(content)
        return
    assert parse_body(content) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_rejected(content: bytes) -> None:
    try:
        found = parse_body(content)
    except UnusableBodyError:
        return
    assert json.loads(content) == found


@given(st.text(max_size=60))
def test_any_type_is_json_or_rejected(content_type: str) -> None:
    try:
        check_type(content_type)
    except UnusableBodyError:
        return
    assert content_type.partition(";")[0].strip().lower() == "application/json"


def test_a_body_of_the_largest_size_is_read() -> None:
    content = json.dumps({"a": "x" * (LONGEST - 9)}).encode()
    assert len(content) == LONGEST
    assert len(parse_body(content)["a"]) == LONGEST - 9
    with pytest.raises(BodySizeError):
        parse_body(content + b" ")
