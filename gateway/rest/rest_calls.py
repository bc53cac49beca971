"""Turns requests of agents into calls of the table, and sends them through the gate."""

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog

from gateway.rejections import UnusableBodyError
from gateway.responses import Response
from gateway.rest.answer_responses import answer_response
from gateway.rest.body_aliases import with_documented_names
from gateway.rest.bulk_repair import TooManyFound, is_bulk, repaired
from gateway.rest.denial_log import DenialLog
from gateway.rest.proposal_status import answer_proposal, proposal_of_path
from gateway.rest.rest_request import RestRequest
from gateway.rest.routes import ROUTES
from gateway.rest.self_service import answer_for_agent
from vedette.access.agent_gates import AgentGate
from vedette.access.call_recorder import OutcomeUnrecordedError
from vedette.api.call import Call
from vedette.permissions.errors import AccessDenied, Denial

if TYPE_CHECKING:
    from gateway.container import GatewayServices


class RestCalls:
    """The path of a request from its form to its answer."""

    def __init__(self, services: "GatewayServices", denials: DenialLog) -> None:
        self._services = services
        self._denials = denials

    async def answer(self, request: RestRequest, body: dict[str, Any] | None, gate: AgentGate) -> Response:
        """Return the response to a request.

        Raises:
            RequestRejected: It is no call of the table.
            AccessDenied: The call is not granted.
            ReadJournalFullError: The read could not be recorded, and was not answered.
            SentryError: Sentry refused it or failed.
            redis.exceptions.RedisError: Redis gives no answer; nothing was sent.
        """
        agent, public_url = gate.agent, self._services.public_url
        if request.method == "GET":
            own = answer_for_agent(request.segments, gate, public_url)
            if own is not None:
                return own
            proposal = proposal_of_path(request.segments)
            if proposal is not None:
                gate.record_own_answer("gateway.proposal", {"proposal": proposal})
                return await answer_proposal(self._services.policy.proposals, proposal, agent)
        call: Call | None = _call_of(request, body)
        if is_bulk(call):
            call = await self._repair(call, gate)
            if call is None:
                return Response(HTTPStatus.NO_CONTENT, headers=(("X-Vedette-Decision", "granted"),))
        try:
            answer = await gate.send(call)
        except OutcomeUnrecordedError as error:
            # It was done, so the answer says so; the audit has the call without its outcome.
            structlog.get_logger().warning("redis does not answer: a sent write lacks its outcome in the audit")
            answer = error.answer
        return answer_response(answer, call, request, agent, public_url)

    async def _repair(self, call: Call, gate: AgentGate) -> Call | None:
        bound = gate.agent.grant.bulk
        found = await repaired(call, bound, gate.send)
        if not isinstance(found, TooManyFound):
            return found
        reason = f"it would change {found.count} issues, and this agent may change {bound} at once"
        digits = found.count if found.count.isdigit() else "1000"
        remedy = f"write `bulk = {digits}` under [agents.{gate.agent.name}.grant] in vedette.toml"
        operation = call.operation
        await self._denials.record(gate, operation.summary.lower(), reason, operation=operation.name)
        raise AccessDenied(call, handler=gate.agent.principal.key, denial=Denial(reason, remedy))


def _call_of(request: RestRequest, body: dict[str, Any] | None) -> Call:
    match = ROUTES.find(request.method, request.segments)
    operation = match.operation
    if operation.method == "GET" and body is not None:
        raise UnusableBodyError("belongs to a request without one")
    if operation.method in {"PUT", "POST"} and body is None:
        # Sentry reads a missing body as an empty one, and some operations need none.
        body = {}
    call = Call(operation, match.parameters, request.query, body)
    return replace(call, body=with_documented_names(operation.name, body))
