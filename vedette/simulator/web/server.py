"""One API request from end to end: faults, limits, authentication, scopes, endpoint, answer."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from vedette.simulator.faults.faults import Faults
from vedette.simulator.faults.responses import Cut, answer_of_fault, bomb, drop
from vedette.simulator.web.authentication import authenticate, authorize
from vedette.simulator.web.call import ApiCall, ApiError, EndpointResponse, not_found
from vedette.simulator.web.endpoints import ENDPOINTS
from vedette.simulator.web.rate_limits import RateLimits, SimulatedLimiter
from vedette.simulator.webhooks.delivery_log import DeliveryLog

if TYPE_CHECKING:
    from starlette.requests import Request

    from vedette.api.operations import Operation
    from vedette.simulator.webhooks.sender import WebhookSender
    from vedette.simulator.world.integrations import Token
    from vedette.simulator.world.world import World


class SimulatedSentry:
    """A world with its API: limits, faults, and the delivery logs of its webhook sender."""

    def __init__(
        self,
        world: World,
        *,
        limits: RateLimits | None = None,
        faults: Faults | None = None,
        sender: WebhookSender | None = None,
        latency: float = 0.0,
    ) -> None:
        self.world = world
        self.limiter = SimulatedLimiter(limits or RateLimits())
        self.faults = faults or (sender.faults if sender else Faults())
        self.sender = sender
        # Seconds that every answer takes, so that calls are in flight together.
        self.latency = latency
        self.calls = 0
        self.writes = 0
        self._logs: dict[str, DeliveryLog] = {}

    def log_of(self, slug: str) -> DeliveryLog:
        """Return an integration's delivery log; an empty one where nothing sends webhooks."""
        return self.sender.log_of(slug) if self.sender else self._logs.setdefault(slug, DeliveryLog())

    async def answer(self, operation: Operation, request: Request) -> Response:
        """Answer one request to an operation of the table."""
        self.calls += 1
        self.writes += request.method not in {"GET", "HEAD"}
        path = request.scope["path"]
        fault = self.faults.take(f"{request.method} {path}", webhook=False, draw=self.world.random.random())
        if fault and fault.kind == "drop":
            return drop(request)
        if fault and fault.kind in {"slow", "hang"}:
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind == "hang":
            return drop(request)
        if fault and fault.kind == "bomb":
            return bomb(fault.seconds)
        header = request.headers.get("authorization")
        ticket = self.limiter.enter(operation, self._caller(header), self.world.clock().timestamp())
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            answer = ticket.refusal or (answer_of_fault(fault, self.world) if fault else None)
            answer = answer or await self._handle(operation, request, header)
        except ApiError as error:
            answer = error.answer
        finally:
            ticket.leave()
        response = as_response(answer, ticket.headers)
        if fault and fault.kind == "headers":
            response.headers.update(fault.headers)
        return Cut(response) if fault and fault.kind == "cut" else response

    def _caller(self, header: str | None) -> Token | None:
        return self.world.tokens.get((header or "").partition(" ")[2])

    async def _handle(self, operation: Operation, request: Request, header: str | None) -> EndpointResponse:
        if "origin" in request.headers:
            raise ApiError(400, f"Invalid origin: {request.headers['origin']}")
        self.world.profile.check_route(operation, request.url.path)
        token = authenticate(self.world, header, operation)
        organization = request.path_params.get("organization_id_or_slug")
        if organization not in {None, self.world.organization_slug, str(self.world.organization_id)}:
            raise not_found()
        authorize(operation, token)
        self.world.profile.check_permission(operation)
        call = ApiCall(
            world=self.world,
            operation=operation,
            path=request.path_params,
            query=request.query_params,
            body=await _read_json(request),
            token=token,
            url_path=request.url.path,
            log_of=self.log_of,
            faults=self.faults,
        )
        return ENDPOINTS[operation.name](call)


async def _read_json(request: Request) -> Any:
    raw = await request.body()
    if not raw or request.method == "GET":
        return None
    try:
        return json.loads(raw)
    except ValueError as error:
        raise ApiError(400, {"detail": f"JSON parse error - {error}"}) from error


def as_response(answer: EndpointResponse, headers: dict[str, str]) -> Response:
    """Return the HTTP answer; bytes are sent unchanged, and a text that is not JSON."""
    body = answer.body
    is_json = answer.content_type.startswith("application/json")
    if body is None or isinstance(body, bytes):
        content = body or b""
    elif isinstance(body, str) and not is_json:
        content = body.encode()
    else:
        content = json.dumps(body, separators=(",", ":")).encode()
    kept = {**headers, **answer.headers}
    if not content:
        return Response(status_code=answer.status, headers=kept)
    if answer.status == 204:  # noqa: PLR2004 - Sentry writes a body here, which HTTP does not allow on the wire
        return Response(status_code=204, headers=kept)
    return Response(content, answer.status, kept, media_type=answer.content_type)
