"""A service that takes messages, on a real socket."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.testing.servers import served


@dataclass
class Service:
    """The posted messages, and the answers."""

    url: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    bodies: list[bytes] = field(default_factory=list[bytes])
    answers: list[Response] = field(default_factory=list[Response])
    """The next ones; after them `usual`."""
    usual: tuple[int, str] = (200, "ok")

    async def take(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.posts.append(await request.json())
        self.headers.append(dict(request.headers))
        return self.answers.pop(0) if self.answers else Response(self.usual[1], self.usual[0])


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    app = Starlette(routes=[Route("/{path:path}", found.take, methods=["POST", "GET"])])
    with served(app) as url:
        found.url = url
        yield found
