"""What the short cuts of our HTTP server must not change: who is answered what, and how long a connection stays."""

import asyncio

import pytest

from tests.receiver.running import MakeSettings, Running, Store, running
from tests.receiver.sentry import hook_headers, issue_body, raw_request
from vedette.http_server.http_protocol import BoundedHttpProtocol


async def answer_of(reader: asyncio.StreamReader) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """Read one answer: its status, its headers and its body."""
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.rstrip().split(b"\r\n")
        pairs = [(name, value) for name, _, value in (line.partition(b": ") for line in lines[1:])]
        headers = dict(pairs)
        assert len(headers) == len(pairs)
        return lines[0][9:12], headers, await reader.readexactly(int(headers[b"content-length"]))


def signed(number: int, **headers: str) -> bytes:
    body = issue_body(number)
    return raw_request(body, hook_headers(body) | {name.replace("_", "-"): value for name, value in headers.items()})


async def test_an_answer_at_once_has_the_same_headers_as_any_other(receiver: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    writer.write(signed(1) + signed(1) + raw_request(b"{}", {"Sentry-Hook-Signature": "0" * 64}))
    accepted, duplicate, refused = [await answer_of(reader) for _ in range(3)]
    assert [status for status, _, _ in (accepted, duplicate, refused)] == [b"202", b"200", b"401"]
    assert duplicate[2] == accepted[2].replace(b"}", b',"duplicate":true}')
    for _, headers, _ in (accepted, duplicate, refused):
        assert set(headers) == {b"date", b"content-length", b"content-type"}
        assert headers[b"content-type"] == b"application/json"
    writer.close()


@pytest.mark.parametrize("cut", [1, 40, -40, -1])
async def test_where_a_request_is_cut_makes_no_difference(receiver: Running, store: Store, cut: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    for number in range(3):
        request = signed(number)
        writer.write(request[:cut])
        await asyncio.sleep(0.02)
        writer.write(request[cut:])
        assert (await answer_of(reader))[0] == b"202"
    writer.close()
    assert len(store.ids()) == 3


async def test_many_requests_sent_ahead_are_answered_each_in_its_turn(receiver: Running, store: Store) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    requests = b"".join(signed(number) for number in range(50))
    for at in range(0, len(requests), 1000):
        writer.write(requests[at : at + 1000])
        await asyncio.sleep(0)
    answers = [await answer_of(reader) for _ in range(50)]
    writer.close()
    assert [body for _, _, body in answers] == [b'{"delivery":"%b"}' % found.encode() for found in store.ids()]


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
async def test_who_wants_the_connection_closed_is_told_so(receiver: Running, version: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    closing = {} if version == b"HTTP/1.0" else {"Connection": "close"}
    writer.write(signed(1, **closing).replace(b"HTTP/1.1", version, 1))
    status, headers, _ = await answer_of(reader)
    assert (status, headers[b"connection"]) == (b"202", b"close")
    assert await reader.read() == b""
    writer.close()


async def test_a_connection_is_kept_while_it_is_used_and_closed_when_it_is_not(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = BoundedHttpProtocol.connection_made

    def begin_hastily(protocol: BoundedHttpProtocol, transport: asyncio.Transport) -> None:
        begin(protocol, transport)
        protocol.timeout_keep_alive = 1

    monkeypatch.setattr(BoundedHttpProtocol, "connection_made", begin_hastily)
    async with running(make_settings()) as receiver:
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        for number in range(5):
            writer.write(signed(number))
            assert (await answer_of(reader))[0] == b"202"
            await asyncio.sleep(0.3)
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()
