"""The endpoint of Sentry's REST API for agents: a request becomes a call, passes the gate, and is answered."""

import asyncio
from typing import TYPE_CHECKING, Final

from gateway.authentication import authenticate_agent
from gateway.rejections import RequestRejected, UnknownEndpointError
from gateway.responses import Response, rejection_response
from gateway.rest.call_slots import CallSlots
from gateway.rest.denial_log import DenialLog
from gateway.rest.failures import failure_response
from gateway.rest.rest_calls import RestCalls
from gateway.rest.rest_request import read_body, read_request
from vedette.access.agent_directory import Agent

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from gateway.container import GatewayServices

_DEADLINE: Final = 60.0
"""Seconds for everything that one request causes; each call to Sentry has a shorter limit of its own."""


class RestEndpoint:
    """The endpoint; it holds no state of requests."""

    def __init__(self, services: "GatewayServices") -> None:
        self._services = services
        self._denials = DenialLog(services.policy)
        self._calls = RestCalls(services, self._denials)
        self._slots = CallSlots()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        try:
            agent = await authenticate_agent(scope, self._services.agents)
        except RequestRejected as rejection:
            self._services.clients.rejections.record(type(rejection).__name__)
            await rejection_response(rejection).send(scope, send)
            return
        response = await self._answer(agent, scope, receive)
        await response.with_headers((("X-Vedette-Agent", agent.name),)).send(scope, send, is_proven=True)

    async def _answer(self, agent: Agent, scope: "Scope", receive: "Receive") -> Response:
        """Return the response to an agent; every error has one."""
        try:
            with self._slots.hold(agent.name):
                async with asyncio.timeout(_DEADLINE):
                    return await self._answer_call(agent, scope, receive)
        except Exception as error:  # noqa: BLE001 - a boundary of the process: no error leaves a request unanswered
            return failure_response(error, scope["method"], _DEADLINE)

    async def _answer_call(self, agent: Agent, scope: "Scope", receive: "Receive") -> Response:
        request = read_request(scope)
        gate = self._services.gates.gate(agent, "rest", request.client)
        body = await read_body(scope, receive, self._services.clients.bodies)
        try:
            return await self._calls.answer(request, body, gate)
        except UnknownEndpointError as error:
            await self._denials.record_endpoint(gate, error.method, error.path)
            raise
