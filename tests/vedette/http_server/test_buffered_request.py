"""An application that takes requests with their complete body: what it leaves, and what it fails at."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from vedette.http_server.buffered_request import BufferedRequest
from vedette.http_server.connections import ClientConnections
from vedette.http_server.http_protocol import ProtocolLimits, make_protocol_class
from vedette.http_server.peers import Peers
from vedette.http_server.read_scheduler import ReadScheduler
from vedette.http_server.uploads import Uploads

REQUEST = b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
HEAD = b"content-length: 8\r\ncontent-type: text/plain\r\n"


async def until(check: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not check():  # noqa: ASYNC110 - a server and a list have no event
            await asyncio.sleep(0.01)


class Rejections:
    def record(self, reason: str, **facts: object) -> None:
        del facts
        raise AssertionError(reason)


class Application:
    """Answers `buffered` or `ordinary`, by the way that the request took."""

    def __init__(self) -> None:
        self.pending: list[BufferedRequest] = []

    def handle_buffered(self, request: BufferedRequest) -> bool:
        path = request.scope["path"]
        if path == "/ordinary":
            return False
        assert len(request.take_body()) == request.size
        if path == "/broken":
            raise RuntimeError("broken")
        if path == "/later":
            self.pending.append(request)
        else:
            request.respond(200, HEAD, b"buffered")
        return True

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        text = b"ordinary %d" % len(body)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
        await send({"type": "http.response.body", "body": text})


@asynccontextmanager
async def serving(application: Application) -> AsyncGenerator[int]:
    rejections = Rejections()
    connections = ClientConnections(rejections.record, limit=100, peer_limit=100, heads_limit=1 << 20, head_timeout=5.0)
    limits = ProtocolLimits(
        head_limit=1 << 16,
        body_limit=1 << 20,
        connections=connections,
        uploads=Uploads(limit=1 << 24, peer_limit=1 << 24),
        peers=Peers(),
        rejections=rejections,  # type: ignore[arg-type]
        scheduler=ReadScheduler(),
    )
    config = uvicorn.Config(
        application,
        port=0,
        http=make_protocol_class(limits),
        ws="none",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@pytest.mark.parametrize(
    ("path", "status", "answer"),
    [("/", 200, "buffered"), ("/ordinary", 200, "ordinary 4"), ("/broken", 500, "Internal Server Error")],
)
async def test_a_request_is_taken_left_or_failed(path: str, status: int, answer: str) -> None:
    async with serving(Application()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(REQUEST % path.encode())
            async with asyncio.timeout(5):
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 %d " % status)
                assert await reader.readexactly(len(answer)) == answer.encode()
        writer.close()


async def test_a_body_that_comes_after_its_head_is_left_to_the_application() -> None:
    async with serving(Application()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = REQUEST % b"/"
        writer.write(request[:-4])
        await asyncio.sleep(0.05)
        writer.write(request[-4:])
        async with asyncio.timeout(5):
            await reader.readuntil(b"ordinary 4")
        writer.close()


@pytest.mark.parametrize("extra", [b"Connection: close\r\n", b"Expect: 100-continue\r\n", b""])
async def test_special_requests_are_answered_once(extra: bytes) -> None:
    async with serving(Application()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n" + extra + b"\r\nbody")
        async with asyncio.timeout(5):
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 100 " in head:
                head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            text = await reader.readexactly(10 if b"Expect" in extra else 8)
            assert text == (b"ordinary 4" if b"Expect" in extra else b"buffered")
            if b"close" in extra:
                assert b"connection: close" in head
                assert await reader.read() == b""
        writer.close()


async def test_an_answer_that_comes_later_keeps_the_order_of_pipelined_requests() -> None:
    application = Application()
    async with serving(application) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST % b"/later")
        await until(lambda: application.pending)
        writer.write(REQUEST % b"/ordinary")
        await asyncio.sleep(0.05)
        application.pending[0].respond(202, HEAD, b"buffered")
        async with asyncio.timeout(5):
            first = await reader.readuntil(b"buffered")
            second = await reader.readuntil(b"ordinary 4")
        assert first.startswith(b"HTTP/1.1 202")
        assert second.startswith(b"HTTP/1.1 200")
        application.pending[0].respond(202, HEAD, b"buffered")
        writer.close()
        assert await reader.read() == b""


async def test_an_answer_after_the_client_has_left_does_nothing() -> None:
    application = Application()
    async with serving(application) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST % b"/later")
        await until(lambda: application.pending)
        writer.transport.abort()
        await asyncio.sleep(0.05)
        application.pending[0].respond(202, HEAD, b"buffered")
