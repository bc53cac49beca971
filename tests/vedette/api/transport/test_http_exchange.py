"""Exchanges with servers that answer anything at all: each ends as an answer or as a typed error, within bounds.

Both libraries are tried: the one for direct connections, and the one for connections through a proxy.
"""

import asyncio
import gc
import gzip
import json
import os
import ssl
import warnings
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vedette.api.stub import TOKEN, talking
from vedette.api import HttpTransport, credential
from vedette.api.call import Call
from vedette.api.errors import SentryError
from vedette.api.operations import OPERATIONS
from vedette.api.transport.aiohttp_exchange import AiohttpExchange
from vedette.api.transport.http_exchange import (
    HttpAnswer,
    HttpExchange,
    HttpOptions,
    NoAnswerError,
    TooLargeError,
    make_exchange,
)
from vedette.api.transport.httpx_exchange import HttpxExchange

IN_FULL = os.environ.get("VEDETTE_FULL") == "1"
EXAMPLES = settings(
    max_examples=1500 if IN_FULL else 60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LIBRARIES = pytest.mark.parametrize("library", [AiohttpExchange, HttpxExchange])
Library = type[AiohttpExchange] | type[HttpxExchange]
WELL = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"version":"0"}'
NEXT = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext"
WHOAMI = Call(OPERATIONS["auth.whoami"])
QUICK = HttpOptions(connect=30.0, read=30.0, total=60.0, largest=100_000)


class Talker:
    """Answers the first request of its life with given pieces, and each later one with `NEXT`."""

    def __init__(self, pieces: Sequence[bytes], *, stays: bool) -> None:
        self.pieces = list(pieces)
        self.stays = stays
        self.connections = 0
        self.heads: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
                pieces, self.pieces = self.pieces or [NEXT], []
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                if not self.stays:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return


@asynccontextmanager
async def exchanging(
    library: Library, talker: Talker, options: HttpOptions = QUICK
) -> AsyncGenerator[HttpExchange, None]:
    async with talking(talker) as url:
        exchange = library(url, {"Authorization": "Bearer x"}, options)
        try:
            yield exchange
        finally:
            await exchange.aclose()


async def ask(exchange: HttpExchange, method: str = "GET") -> HttpAnswer | NoAnswerError | TooLargeError:
    try:
        return await exchange.send(method, "/api/0/", None, is_new=False)
    except (NoAnswerError, TooLargeError) as error:
        return error


async def first_answer(
    library: Library, *pieces: bytes, stays: bool = False, options: HttpOptions = QUICK, method: str = "GET"
) -> Any:
    async with exchanging(library, Talker(pieces, stays=stays), options) as exchange:
        return await ask(exchange, method)


def cut(content: bytes, places: Sequence[int]) -> list[bytes]:
    """Return content in pieces."""
    ends = sorted({place % (len(content) + 1) for place in places} | {0, len(content)})
    return [content[begin:end] for begin, end in pairwise(ends)]


def chunked(content: bytes, places: Sequence[int]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in cut(content, places)) + b"0\r\n\r\n"


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A good answer, with some bytes replaced, put in or taken out."""
    answer = bytearray(draw(st.sampled_from([WELL, b"HTTP/1.1 100 Continue\r\n\r\n" + WELL, NEXT[:-4] + b"ne"])))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(answer)))
        taken = draw(st.sampled_from([0, 0, 1, 2, 17]))
        odd = [
            b"\r\n",
            b"\n",
            b"\0",
            b":",
            b" ",
            b"-1",
            b"99999999999999999999",
            b"\xff",
            b"Transfer-Encoding: chunked\r\n",
        ]
        answer[at : at + taken] = draw(st.sampled_from(odd) | st.binary(max_size=9))
    return bytes(answer)


@LIBRARIES
@EXAMPLES
@given(answer=mutations() | st.binary(max_size=300), places=st.lists(st.integers(0, 400), max_size=6))
def test_any_bytes_end_as_an_answer_or_a_typed_error(library: Library, answer: bytes, places: list[int]) -> None:
    found = asyncio.run(first_answer(library, *cut(answer, places)))
    assert isinstance(found, HttpAnswer | NoAnswerError | TooLargeError)


@EXAMPLES
@given(answer=mutations())
def test_to_the_client_any_bytes_are_an_answer_or_an_error_of_sentrys(answer: bytes) -> None:
    async def call() -> None:
        async with talking(Talker([answer], stays=False)) as url, HttpTransport(url, credential(TOKEN)) as http:
            try:
                found: object = await http.send(WHOAMI)
            except SentryError as error:
                found = error
        assert TOKEN not in str(found)

    asyncio.run(call())


@LIBRARIES
@EXAMPLES
@given(
    content=st.binary(max_size=3000),
    is_compressed=st.booleans(),
    form=st.sampled_from(["length", "chunks", "close"]),
    informational=st.integers(0, 3),
    places=st.lists(st.integers(0, 4000), max_size=6),
)
def test_a_good_answer_is_read_whole_in_any_pieces(
    library: Library, content: bytes, is_compressed: bool, form: str, informational: int, places: list[int]
) -> None:
    sent = gzip.compress(content) if is_compressed else content
    head = (
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * informational
        + b"HTTP/1.1 200 OK\r\nX-Kind: a\r\nX-Kind: b\r\n"
    )
    head += b"Content-Encoding: gzip\r\n" if is_compressed else b""
    if form == "length":
        answer = head + b"Content-Length: %d\r\n\r\n%s" % (len(sent), sent)
    elif form == "chunks":
        answer = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(sent, places)
    else:
        answer = head + b"Connection: close\r\n\r\n" + sent
    found = asyncio.run(first_answer(library, *cut(answer, places)))
    assert isinstance(found, HttpAnswer), found
    assert (found.status, found.content, found.headers["x-kind"]) == (200, content, "a, b")


LONG = b"HTTP/1.1 200 OK\r\n"
HOSTILE = {
    "many headers": LONG + b"".join(b"X-%d: 1\r\n" % number for number in range(20_000)) + b"Content-Length: 0\r\n\r\n",
    "a long header": LONG + b"X: " + b"a" * 200_000 + b"\r\nContent-Length: 0\r\n\r\n",
    "a long status line": b"HTTP/1.1 200 " + b"O" * 200_000 + b"\r\nContent-Length: 0\r\n\r\n",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n",
    "HTTP/2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
    "a short body": LONG + b"Content-Length: 100\r\n\r\nshort",
    "an open chunk": LONG + b"Transfer-Encoding: chunked\r\n\r\n5\r\nshor",
    "a bad chunk": LONG + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nshort\r\n0\r\n\r\n",
    "a negative length": LONG + b"Content-Length: -1\r\n\r\nshort",
    "two lengths": LONG + b"Content-Length: 1\r\nContent-Length: 5\r\n\r\nshort",
    "a length of letters": LONG + b"Content-Length: five\r\n\r\nshort",
    "broken gzip": LONG + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nshort",
    "nothing": b"",
}


@LIBRARIES
@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_answer_is_an_error(library: Library, name: str) -> None:
    found = await first_answer(library, HOSTILE[name])
    assert isinstance(found, NoAnswerError)
    assert found.is_broken_encoding is (name == "broken gzip")
    assert not found.is_timeout


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nshort\r\n0\r\n\r\n",
    ],
)
async def test_an_answer_with_two_lengths_is_refused_and_its_connection_closed(framing: bytes) -> None:
    talker = Talker([LONG + framing], stays=True)
    async with exchanging(AiohttpExchange, talker) as exchange:
        assert isinstance(await ask(exchange), NoAnswerError)
        assert cast("Any", await ask(exchange)).content == b"next"
    assert talker.connections == 2


@pytest.mark.parametrize(
    ("method", "first"),
    [
        ("GET", WELL + NEXT.replace(b"next", b"evil")),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n" + NEXT.replace(b"next", b"evil")),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil"),
        ("HEAD", LONG + b"Content-Length: 4\r\n\r\nevil"),
    ],
)
async def test_what_follows_an_answer_is_not_taken_for_the_next(method: str, first: bytes) -> None:
    async with exchanging(AiohttpExchange, Talker([first], stays=True)) as exchange:
        found = await ask(exchange, method)
        assert isinstance(found, NoAnswerError) or b"evil" not in cast("HttpAnswer", found).content
        later = await ask(exchange)
        assert isinstance(later, NoAnswerError) or later == HttpAnswer(200, {"content-length": "4"}, b"next")


@LIBRARIES
@pytest.mark.parametrize("ending", [b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 200 OK\r\nConnection: close\r\n"])
async def test_a_connection_that_the_server_ends_is_not_used_again(library: Library, ending: bytes) -> None:
    talker = Talker([ending + b"Content-Length: 4\r\n\r\nlast"], stays=True)
    async with exchanging(library, talker) as exchange:
        contents = [cast("Any", await ask(exchange)).content for _ in range(3)]
    assert contents == [b"last", b"next", b"next"]
    assert talker.connections == 2


@LIBRARIES
async def test_an_endless_row_of_informational_answers_ends_in_time(library: Library) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            while True:
                writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
                await writer.drain()
                await asyncio.sleep(0.001)
        except ConnectionError:
            return

    async with talking(speak) as url:
        exchange = library(url, {}, HttpOptions(total=0.3))
        found = await ask(exchange)
        await exchange.aclose()
    assert isinstance(found, NoAnswerError)


@LIBRARIES
async def test_a_body_that_drips_ends_in_time(library: Library) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(LONG + b"Content-Length: 100000\r\n\r\n")
        try:
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            return

    async with talking(speak) as url:
        exchange = library(url, {}, HttpOptions(total=0.3))
        found = await ask(exchange)
        await exchange.aclose()
    assert isinstance(found, NoAnswerError)
    assert found.is_timeout


@LIBRARIES
async def test_a_body_beyond_the_bound_is_not_read(library: Library) -> None:
    options = HttpOptions(largest=1000)
    well = await first_answer(library, LONG + b"Content-Length: 1000\r\n\r\n" + b"x" * 1000, options=options)
    large = await first_answer(library, LONG + b"Content-Length: 1001\r\n\r\n" + b"x" * 1001, options=options)
    assert len(well.content) == 1000
    assert isinstance(large, TooLargeError)
    assert large.status == 200


@LIBRARIES
async def test_the_request_is_as_it_was_asked_for(library: Library) -> None:
    talker = Talker([NEXT], stays=True)
    async with exchanging(library, talker) as exchange:
        await exchange.send("PUT", "/a%2Fb/%C3%A4/?query=is%3Aunresolved+x%25&id=1", b'{"a":1}', is_new=False)
        await exchange.send("POST", "/a/", None, is_new=False)
    line, _, head = talker.heads[0].lower().partition(b"\r\n")
    assert line == b"put /a%2fb/%c3%a4/?query=is%3aunresolved+x%25&id=1 http/1.1"
    headers = dict(each.split(b": ", 1) for each in head.strip().split(b"\r\n"))
    assert headers[b"authorization"] == b"bearer x"
    assert (headers[b"content-type"], headers[b"content-length"]) == (b"application/json", b"7")
    assert b"content-type" not in talker.heads[1].lower()
    assert set(headers[b"accept-encoding"].split(b", ")) <= {b"gzip", b"deflate", b"zstd", b"br"}


@pytest.mark.parametrize("target", ["@evil.example/api/0/", ".evil.example/", ":1/"])
async def test_a_path_leads_to_no_other_host(target: str) -> None:
    exchange = AiohttpExchange("http://127.0.0.1", {}, QUICK)
    with pytest.raises(NoAnswerError):
        await exchange.send("GET", target, None, is_new=False)
    await exchange.aclose()


async def test_a_lost_connection_is_not_tried_again_by_the_library() -> None:
    talker = Talker([b""], stays=False)
    async with exchanging(AiohttpExchange, talker) as exchange:
        found = await ask(exchange)
    assert isinstance(found, NoAnswerError)
    assert found.cause == "RemoteProtocolError"
    assert len(talker.heads) == 1


@asynccontextmanager
async def encrypted(folder: Path, name: str) -> AsyncGenerator[tuple[str, Path], None]:
    """The URL of a server with a certificate for `name`, and the file of its authority."""
    authority, context = cast("Any", trustme.CA()), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    server = await asyncio.start_server(Talker([NEXT], stays=True), "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", file


@LIBRARIES
@pytest.mark.parametrize(
    ("name", "is_known", "is_answered"),
    [("127.0.0.1", True, True), ("127.0.0.1", False, False), ("sentry.example.com", True, False)],
)
async def test_only_a_certificate_of_ones_own_authority_and_name_is_accepted(
    library: Library, name: str, is_known: bool, is_answered: bool, tmp_path: Path
) -> None:
    async with encrypted(tmp_path, name) as (url, file):
        exchange = library(url, {}, replace(QUICK, certificate_authority=file if is_known else None))
        found = await ask(exchange)
        await exchange.aclose()
    assert isinstance(found, HttpAnswer) is is_answered
    assert is_answered or cast("Any", found).cause == "ConnectError"


@pytest.mark.parametrize("variable", [None, "HTTP_PROXY", "ALL_PROXY", "all_proxy"])
async def test_a_proxy_is_used_where_one_is_named(variable: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    proxy = Talker([WELL], stays=True)
    async with talking(proxy) as url:
        if variable is not None:
            monkeypatch.setenv(variable, url)
        exchange = make_exchange("http://sentry.example.com", {}, replace(QUICK, proxy=None if variable else url))
        found = await ask(exchange)
        await exchange.aclose()
    assert json.loads(cast("Any", found).content) == {"version": "0"}
    assert proxy.heads[0].startswith(b"GET http://sentry.example.com/api/0/ HTTP/1.1")


async def test_an_exchange_without_connections_is_collected_without_a_warning(unused_tcp_port: int) -> None:
    exchange = AiohttpExchange(f"http://127.0.0.1:{unused_tcp_port}", {}, QUICK)
    assert isinstance(await ask(exchange), NoAnswerError)
    del exchange
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        gc.collect()
    assert [each for each in caught if "session" in str(each.message)] == []
