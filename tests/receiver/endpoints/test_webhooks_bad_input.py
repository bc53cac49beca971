"""What bad input gets: a fixed answer, nothing lost, nothing crashed."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import httpx2
import pytest

from receiver.verification.headers import encode_storable_headers, is_secret
from tests.receiver.running import MakeSettings, Running, Store, running, until
from tests.receiver.sentry import INSTALLATION, hook_headers, issue_body, raw_request, sign, wire


@pytest.mark.parametrize(
    ("body", "resource", "reason"),
    [
        (b"not json", "issue", b"not_json"),
        (b"", "issue", b"not_json"),
        (b"[1,2]", "issue", b"not_an_object"),
        (wire({"action": "created", "data": {"error": {}}}), "issue", b"resource_mismatch"),
        (wire({"action": "created", "data": {"issue": {"id": "1"}}}), "", b"resource_missing"),
    ],
)
async def test_a_signed_body_that_cannot_be_handled_is_kept_for_people(
    receiver: Running, store: Store, body: bytes, resource: str, reason: bytes
) -> None:
    response = await receiver.hook(body, resource)
    assert response.status_code == 202
    kept = store.delivery(response.json()["delivery"])
    assert (kept["state"], kept["reason"], kept["body"]) == (b"quarantined", reason, body)
    assert store.queued() == []
    assert len(store.ids()) == 1


async def test_an_unknown_resource_is_stored_and_queued(receiver: Running, store: Store) -> None:
    body = wire({"action": "grew", "installation": {"uuid": INSTALLATION}, "data": {"plant": {}}})
    response = await receiver.hook(body, "garden")
    kept = store.delivery(response.json()["delivery"])
    assert (response.status_code, kept["state"], kept["resource"], kept["action"]) == (
        202,
        b"accepted",
        b"garden",
        b"grew",
    )
    assert len(store.queued()) == 1


async def test_a_declared_body_over_the_limit_is_refused_before_it_is_sent(make_settings: MakeSettings) -> None:
    async with running(make_settings(body_limit=1000)) as receiver:
        exact, over = b'{"a":"' + b"x" * 992 + b'"}', b"x" * 1001
        assert (await receiver.hook(exact, "novel")).status_code == 202
        response = await receiver.hook(over)
        assert response.status_code == 413
        assert response.json() == {"error": "body too large"}
        assert response.headers["connection"] == "close"


async def test_a_body_over_the_limit_in_chunks_is_cut_while_it_streams(make_settings: MakeSettings) -> None:
    async def chunks() -> AsyncGenerator[bytes]:
        for _ in range(1000):
            yield b"x" * 10_000

    async with running(make_settings(body_limit=100_000, linger=0.5)) as receiver:
        with contextlib.suppress(httpx2.WriteError):
            response = await receiver.client.post("/hooks", content=chunks(), headers=hook_headers(b""))
            assert response.status_code == 413
        assert (await receiver.hook(issue_body())).status_code == 202
        assert receiver.settings.receiver.body_limit == 100_000


async def exchange(receiver: Running, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send pieces on one connection and return all that comes back until it ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_a_body_that_comes_too_slowly_ends_its_connection(make_settings: MakeSettings, store: Store) -> None:
    body = issue_body()
    async with running(make_settings(upload_timeout=0.3)) as receiver:
        answer = await exchange(receiver, raw_request(body, hook_headers(body))[:-5])
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in answer
        assert (await receiver.hook(body)).status_code == 202
    assert len(store.ids()) == 1


async def test_a_body_that_trickles_has_no_more_time_than_one_that_stalls(make_settings: MakeSettings) -> None:
    body = issue_body()
    request = raw_request(body, hook_headers(body))
    pieces = [request[:-40], *(request[at : at + 1] for at in range(-40, -1))]
    async with running(make_settings(upload_timeout=0.3)) as receiver:
        answer = await exchange(receiver, *pieces, pause=0.05)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")


async def test_a_head_that_comes_too_slowly_or_never_ends_its_connection(make_settings: MakeSettings) -> None:
    async with running(make_settings(upload_timeout=0.3)) as receiver:
        assert await exchange(receiver) == b""
        assert await exchange(receiver, b"POST /hooks HTTP/1.1\r\nHost: a\r\n") == b""


async def test_a_head_over_its_limit_ends_its_connection(make_settings: MakeSettings) -> None:
    async with running(make_settings(head_limit=5000)) as receiver:
        lines = (b"X-Filler: " + b"y" * 1000 + b"\r\n" for _ in range(1000))
        answer = await exchange(receiver, b"POST /hooks HTTP/1.1\r\n", *lines, pause=0.001)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
        assert (await receiver.hook(issue_body())).status_code == 202


@pytest.mark.parametrize(
    "filler", [b"X-Filler: " + b"y" * 70_000 + b"\r\n", b"X-Filler: " + b"y" * 1000 + b"\r\n", b"a:\r\n"]
)
@pytest.mark.parametrize("kept", [0, 1])
async def test_a_head_over_its_limits_is_refused_though_it_comes_whole(
    receiver: Running, filler: bytes, kept: int
) -> None:
    head = b"GET /health/live HTTP/1.1\r\nHost: a\r\n"
    live = head + b"\r\n"
    lines = filler * (1 if len(filler) > 60_000 else 60 if len(filler) > 1000 else 300)
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    for _ in range(kept):
        writer.write(live)
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200 ")
    writer.write(head + lines + b"\r\n")
    with contextlib.suppress(ConnectionResetError):
        assert (await reader.read()).partition(b"\r\n")[0] in {b"HTTP/1.1 431 Request Header Fields Too Large", b""}
    writer.close()
    assert (await receiver.figures())['vedette_deliveries_refused_total{reason="head_too_large"}'] == 1


async def test_a_head_with_as_many_lines_and_bytes_as_one_may_have_is_taken(receiver: Running) -> None:
    body = issue_body()
    more = {f"X-Line-{number}": "y" * 70 for number in range(180)}
    request = raw_request(body, hook_headers(body) | more)
    assert len(request) > 15_000
    assert b" 202 " in await exchange(receiver, request + raw_request(b"{}", {"Connection": "close"}))


async def test_a_broken_off_upload_leaves_nothing(receiver: Running, store: Store) -> None:
    body = issue_body()
    _, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    writer.write(raw_request(body, hook_headers(body))[:-5])
    await writer.drain()
    writer.close()

    async def counted() -> bool:
        return 'vedette_deliveries_refused_total{reason="broken_off"}' in await receiver.figures()

    await until(counted)
    assert store.ids() == []
    assert (await receiver.figures())["vedette_uploads_held_bytes"] == 0


async def test_unfinished_bodies_together_are_bounded_and_the_oldest_make_room(make_settings: MakeSettings) -> None:
    async with running(make_settings(uploads_limit=50_000)) as receiver:
        head = raw_request(b"x" * 40_000, hook_headers(b""))[:-1]
        opened = [await asyncio.open_connection("127.0.0.1", receiver.port) for _ in range(3)]
        for _, writer in opened:
            writer.write(head)
            await writer.drain()
            await asyncio.sleep(0.1)
        assert 39_000 < (await receiver.figures())["vedette_uploads_held_bytes"] <= 50_000
        for reader, _ in opened[:2]:
            answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 500 ")
            assert b"too many uploads" in answer
        opened[2][1].write(b"x")
        assert (await opened[2][0].read(12)) == b"HTTP/1.1 401"
        for _, writer in opened:
            writer.close()
        assert (await receiver.figures())["vedette_uploads_held_bytes"] == 0
        assert (await receiver.hook(issue_body())).status_code == 202


async def test_requests_on_one_connection_are_answered_in_order(receiver: Running, store: Store) -> None:
    bodies = [issue_body(number) for number in range(3)]
    requests = b"".join(raw_request(body, hook_headers(body)) for body in bodies)
    last = raw_request(b"{}", {"Connection": "close"})
    answer = await exchange(receiver, requests + last)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"202", b"202", b"202", b"401"]
    assert len(store.ids()) == 3


async def test_what_is_no_http_is_refused(receiver: Running) -> None:
    assert (await exchange(receiver, b"\x16\x03\x01 hello\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
    assert (await receiver.hook(issue_body())).status_code == 202


@pytest.mark.parametrize("lie", ["Content-Length: 20", "Content-Length: 90000", "Transfer-Encoding: chunked"])
async def test_a_length_that_lies_gets_nothing_in(make_settings: MakeSettings, store: Store, lie: str) -> None:
    body = issue_body()
    honest = raw_request(body, hook_headers(body))
    length = f"Content-Length: {len(body)}"
    lying = honest.replace(length.encode(), (f"{length}\r\n{lie}" if "chunked" in lie else lie).encode())
    async with running(make_settings(upload_timeout=0.3)) as receiver:
        answer = await exchange(receiver, lying)
        assert b" 40" in answer.partition(b"\r\n")[0]
        assert b"HTTP/1.1 2" not in answer
        assert store.ids() == []
        assert (await receiver.hook(body)).status_code == 202


async def test_an_expectation_is_met_and_a_signed_chunked_body_taken(receiver: Running) -> None:
    body = issue_body()
    lines = [
        "POST /hooks HTTP/1.1",
        "Host: a",
        "Transfer-Encoding: chunked",
        "Expect: 100-continue",
        "Connection: close",
        "Sentry-Hook-Resource: issue",
        f"Sentry-Hook-Signature: {sign(body)}",
    ]
    head = "\r\n".join([*lines, "", ""])
    chunked = b"".join(b"%x\r\n%b\r\n" % (1, body[at : at + 1]) for at in range(len(body))) + b"0\r\n\r\n"
    answer = await exchange(receiver, head.encode(), chunked)
    assert answer.startswith(b"HTTP/1.1 100 ")
    assert b"HTTP/1.1 202 " in answer


def test_headers_that_may_hold_secrets_are_not_kept() -> None:
    for name in (
        b"authorization",
        b"proxy-authorization",
        b"cookie",
        b"x-anything",
        b"anthropic-beta",
        b"my-signature",
    ):
        assert is_secret(name)
    kept = encode_storable_headers(
        [(b"user-agent", b"sentry/26.1"), (b"x-token", b"hidden"), (b"referer", b"\xe9" + b"y" * 5000)]
    )
    assert "hidden" not in kept
    assert "sentry/26.1" in kept
    assert len(kept) < 1200


async def test_a_signed_body_that_is_no_utf_8_is_quarantined(receiver: Running, store: Store) -> None:
    response = await receiver.hook(b'{"action":"created","data":{"issue":{"id":"\xff\xfe"}}}')
    assert response.status_code == 202
    kept = store.delivery(response.json()["delivery"])
    assert (kept["state"], kept["reason"]) == (b"quarantined", b"not_json")
    assert (await receiver.figures())['vedette_deliveries_quarantined_total{reason="not_json"}'] == 1
