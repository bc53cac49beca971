"""The endpoint `/mcp`: it authenticates a request, then the SDK's transport reads it.

The transport is stateless in both eras of the protocol: no request depends on another, and an answer is one document.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import mcp_types as types
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from gateway.authentication import authenticate_agent
from gateway.client_limits import BODY
from gateway.mcp.server import Request, make_server
from gateway.mcp.tool_contexts import ToolContexts
from gateway.rejections import (
    CrossOriginError,
    ForeignHostError,
    MethodRefused,
    RequestRejected,
    UnusableBodyError,
)
from gateway.responses import Response, count_header, first_header, json_response
from gateway.rest.call_slots import CallSlots
from gateway.rest.rest_request import read_body
from vedette.access.agent_directory import Agent

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from gateway.container import GatewayServices

_AGENT: Final = "vedette.agent"
"""The key of the agent in the scope of an authenticated request."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


class McpEndpoint:
    """The endpoint; it holds no state of requests."""

    def __init__(self, services: "GatewayServices") -> None:
        self._services = services
        self._slots = CallSlots()
        contexts = ToolContexts(services.gates, services.policy, services.redis)
        self._sessions = StreamableHTTPSessionManager(
            make_server(_agent_of, contexts), json_response=True, stateless=True, max_request_body_size=BODY
        )

    @asynccontextmanager
    async def run(self) -> AsyncGenerator[None]:
        """Run what the transport needs, for as long as the application runs."""
        async with self._sessions.run():
            yield

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        try:
            _check_method(scope["method"])
            self._check_sender(scope)
            agent = await authenticate_agent(scope, self._services.agents)
            body = await read_body(scope, receive, self._services.clients.bodies)
            if body is None:
                raise UnusableBodyError("is missing")
            with self._slots.hold(agent.name):
                await self._sessions.handle_request({**scope, _AGENT: agent}, _replay(body, receive), send)
        except RequestRejected as rejection:
            self._services.clients.rejections.record(type(rejection).__name__)
            await _rejection_response(rejection).send(scope, send)

    def _check_sender(self, scope: "Scope") -> None:
        """Check that no page of a browser has sent the request, under a name of its own for this machine.

        Raises:
            CrossOriginError: A page has.
            ForeignHostError: The request is for another name.
        """
        headers = scope["headers"]
        if first_header(headers, b"origin") is not None:
            raise CrossOriginError
        host = first_header(headers, b"host") or ""
        address = urlsplit(self._services.public_url)
        server = scope.get("server")
        local = {f"{name}:{server[1]}" for name in _LOOPBACK} if server else set[str]()
        if count_header(headers, b"host") != 1 or host.lower() not in {address.netloc.lower(), *local}:
            raise ForeignHostError(address.netloc)


def _replay(body: dict[str, Any], receive: "Receive") -> "Receive":
    """Return the messages of a request with a body that was read; it is encoded again, so that it has one meaning."""
    messages: list[Message] = [{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}]

    async def replay() -> "Message":
        return messages.pop() if messages else await receive()

    return replay


def _check_method(method: str) -> None:
    # A stream for messages of the server, and the end of a session, belong to servers with sessions.
    if method != "POST":
        raise MethodRefused(method, ("POST",))


def _rejection_response(rejection: RequestRejected) -> Response:
    """Return the response as an error of JSON-RPC, which is all of a response that clients show."""
    data = {"decision": rejection.decision, **rejection.facts}
    error = {"code": types.INVALID_REQUEST, "message": str(rejection), "data": data}
    return json_response(rejection.status, {"jsonrpc": "2.0", "id": None, "error": error}, tuple(rejection.headers))


async def _agent_of(request: Request) -> Agent:
    agent: object = request.request.scope[_AGENT] if request.request is not None else None
    assert isinstance(agent, Agent), "every request is authenticated before the transport reads it"
    return agent
