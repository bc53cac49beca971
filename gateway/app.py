"""Builds the gateway's ASGI application.

Requests are distinguished by the exact bytes of their path, before any framework decodes them: `/api/` is Sentry's REST
API, `/mcp` the Model Context Protocol, `/health/live` is for supervisors, and any other path is a page of Sentry's that
a person followed a link to.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette

from gateway.container import GatewayServices
from gateway.mcp.endpoint import McpEndpoint
from gateway.responses import Response
from gateway.rest.endpoint import RestEndpoint
from gateway.rest.web_pages import WebPages
from vedette._core import parent_watch

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    Endpoint = Callable[[Scope, Receive, Send], Awaitable[None]]

_MCP: Final = frozenset({b"/mcp", b"/mcp/"})
_LIVE: Final = b"/health/live"


def build_app(services: GatewayServices) -> "GatewayApp":
    """Build the application on the services of a process."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        del app
        parent_watch.start()
        await services.start()
        try:
            async with mcp.run():
                yield
        finally:
            await services.stop()

    mcp = McpEndpoint(services)
    return GatewayApp(services, mcp, Starlette(lifespan=lifespan))


class GatewayApp:
    """The application: the fronts for agents, and what belongs to none of them."""

    def __init__(self, services: GatewayServices, mcp: McpEndpoint, lifespan: Starlette) -> None:
        """Put it together.

        Args:
            services: The services of the process.
            mcp: The endpoint of the Model Context Protocol.
            lifespan: Handles the messages of ASGI's lifespan.
        """
        self._lifespan = lifespan
        self._mcp = mcp
        self._rest = RestEndpoint(services)
        self._pages = WebPages(services)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Handle a request."""
        if scope["type"] == "http":
            await self._endpoint(scope["raw_path"])(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)

    def _endpoint(self, path: bytes) -> "Endpoint":
        if path == _LIVE:
            return _answer_live
        if path in _MCP:
            return self._mcp
        # A path that only looks like another is the REST API's to reject.
        first = path.split(b"/", 2)[1:2]
        return self._pages if first and path.startswith(b"/") and _is_page(first[0]) else self._rest


def _is_page(segment: bytes) -> bool:
    """Return whether a path that begins with this segment can be one of Sentry's web pages."""
    return segment in {b"organizations", b"issues", b"settings", b"auth", b"projects", b"dashboard"}


async def _answer_live(scope: "Scope", receive: "Receive", send: "Send") -> None:
    del receive
    await Response(200, b'{"status":"live"}').send(scope, send)
