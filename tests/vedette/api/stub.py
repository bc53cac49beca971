"""A server with configured answers, on a real socket, which records its requests."""

import asyncio
import json
import socket
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import uvicorn

TOKEN = "sntryu_0f3c7a5b9d1e2f4a6b8c0d1e3f5a7b9c"
"""A person's, which every operation takes."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    raw_path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: Any

    @property
    def key(self) -> str:
        return repr((self.method, self.raw_path, self.query, self.body))


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0


Answering = Callable[[Request], Reply]


class StubSentry:
    """Replies by method and path, in order; the last one stays."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.url = ""
        self._replies: dict[tuple[str, str], deque[Reply | Answering]] = defaultdict(deque)

    def on(self, method: str, path: str, *replies: Reply | Answering) -> None:
        self._replies[method, path].extend(replies)

    def forget(self) -> None:
        """Take all replies back."""
        self._replies.clear()

    def sent(self, method: str) -> list[Request]:
        return [request for request in self.requests if request.method == method]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        content = b""
        while (message := await receive()).get("more_body", False) or message.get("body"):
            content += message.get("body", b"")
            if not message.get("more_body"):
                break
        raw_path = scope["raw_path"].decode()
        request = Request(
            scope["method"],
            unquote(raw_path),
            raw_path,
            parse_qsl(scope["query_string"].decode(), keep_blank_values=True),
            {name.decode(): value.decode() for name, value in scope["headers"]},
            json.loads(content) if content else None,
        )
        self.requests.append(request)
        await self._answer(request, send)

    async def _answer(self, request: Request, send: Any) -> None:
        replies = self._replies.get((request.method, request.path)) or self._replies.get((request.method, "*"))
        if not replies:
            found: Reply | Answering = Reply(404, {"detail": "The requested resource does not exist"})
        else:
            found = replies.popleft() if len(replies) > 1 else replies[0]
        reply = found if isinstance(found, Reply) else found(request)
        await asyncio.sleep(reply.delay)
        body = (
            reply.body
            if isinstance(reply.body, bytes)
            else b""
            if reply.body is None
            else json.dumps(reply.body).encode()
        )
        headers = {"content-type": "application/json", **reply.headers}
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def serving(app: Any) -> AsyncGenerator[str, None]:
    """Serve an ASGI app on a free port of the loopback."""
    # With its protocol named, so that asyncio sends answers at once instead of waiting for acknowledgements.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, lifespan="off")
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        # Without its main loop and its own end, which wait a tenth of a second each.
        await server.startup(sockets=[bound])
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            for each in server.servers:
                each.close()
            for connection in list(server.server_state.connections):
                connection.shutdown()


@asynccontextmanager
async def talking(speak: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]) -> AsyncGenerator[str, None]:
    """Serve raw bytes, for what no HTTP server would do."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await speak(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def issue(**overrides: Any) -> dict[str, Any]:
    """An issue as Sentry sends it."""
    return {
        "id": "42",
        "shortId": "SHOP-4K",
        "title": "TypeError: cart is undefined",
        "culprit": "checkout.pay",
        "permalink": "https://acme.sentry.io/issues/42/",
        "level": "error",
        "status": "unresolved",
        "statusDetails": {},
        "substatus": "ongoing",
        "isPublic": False,
        "platform": "javascript",
        "priority": "medium",
        "project": {"id": "7", "name": "Shop", "slug": "shop", "platform": "javascript"},
        "type": "error",
        "issueType": "error",
        "issueCategory": "error",
        "metadata": {"type": "TypeError", "value": "cart is undefined"},
        "assignedTo": None,
        "count": "12",
        "userCount": 3,
        "firstSeen": "2026-08-01T10:00:00Z",
        "lastSeen": "2026-08-02T10:00:00Z",
        "isBookmarked": False,
        "isSubscribed": False,
        "hasSeen": False,
        "numComments": 0,
        **overrides,
    }
