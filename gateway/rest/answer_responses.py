"""Turns an answer of the gate into the response for the agent.

The bytes of Sentry's answer are passed on unchanged unless a part of them has to be looked at; of the headers only
those of a short list are. An answer to a write that was held back is 409: on 2xx clients report success, on 403 they
advise to log in again.
"""

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from gateway.rejections import Headers
from gateway.responses import WITHOUT_BODY, Response, detail_response
from gateway.rest.page_links import rebuild_links
from gateway.rest.rest_request import RestRequest
from vedette._core.json_values import json_list, json_object
from vedette.access.agent_directory import Agent
from vedette.api.call import Answer, Call, Hold
from vedette.api.redaction import can_redact, redact

if TYPE_CHECKING:
    from collections.abc import Mapping

_PASSED_ON: Final = ("x-hits", "x-max-hits", "x-sentry-deprecation-date", "x-sentry-replacement-endpoint")
_REGION_URL: Final = "regionUrl"
_OF_EVENTS: Final = frozenset({"events", "traces"})
_FILE: Final = "application/octet-stream"


def answer_response(answer: Answer, call: Call, request: RestRequest, agent: Agent, public_url: str) -> Response:
    """Return the response to a call that passed the gate.

    Args:
        answer: The answer of the gate.
        call: The call that was answered.
        request: The request that it was made from.
        agent: The agent that asked.
        public_url: The address of the gateway, without a trailing slash.
    """
    audit: Headers = () if answer.audit is None else (("X-Vedette-Audit", str(answer.audit)),)
    if answer.held is not None or not answer.sent:
        return held_response(answer.held, agent, public_url).with_headers(audit)
    headers: Headers = (("X-Vedette-Decision", "granted"), *audit, *_headers(answer, request, public_url))
    if answer.is_narrowed:
        headers += (("X-Vedette-Narrowed", "projects"),)
    if call.operation.group in _OF_EVENTS:
        headers += (("X-Vedette-Contains", "event-data"),)
    if answer.status in WITHOUT_BODY:
        return Response(answer.status, b"", headers)
    if call.operation.answers == "bytes":
        return Response(answer.status, answer.content or b"", headers, _FILE)
    return Response(answer.status, _content(answer, call, agent, public_url), headers)


def held_response(hold: Hold | None, agent: Agent, public_url: str) -> Response:
    """Return the response to a write that was not sent, with what the agent can do next."""
    decision = "observed" if hold is None else hold.decision
    facts: dict[str, Any] = {"retry": False}
    if hold is not None and hold.intent:
        facts["intent"] = hold.intent
    if hold is not None and hold.decision == "proposed":
        where = f"/api/vedette/proposals/{hold.proposal}/"
        facts |= {"proposal": hold.proposal, "proposal_url": f"{public_url}{where}"}
        before = "it was proposed before and" if hold.is_repeated else "it"
        sentence = (
            f"Not done: writes of agent {agent.name} wait for a person here, so {before} waits as proposal "
            f"{hold.proposal}. Do not send it again; GET {where} says what became of it."
        )
    elif hold is not None and hold.decision == "paused":
        sentence = (
            f"Not done: {hold.by or 'an operator'} has paused writes. Do not send it again before "
            "the operator resumes them with `vedette resume`."
        )
    else:
        sentence = (
            f"Not done: agent {agent.name} is in mode observe, so the write was only recorded. Do not send it again; "
            f'the operator can write `mode = "propose"` or `mode = "act"` under [agents.{agent.name}].'
        )
    return detail_response(HTTPStatus.CONFLICT, sentence, decision, facts)


def _headers(answer: Answer, request: RestRequest, public_url: str) -> Headers:
    link = rebuild_links(answer.header("link"), f"{public_url}{request.path}", request.query)
    passed = [(name.title(), value) for name in _PASSED_ON if (value := answer.header(name)) is not None]
    return (*passed, *((("Link", link),) if link else ()))


def _content(answer: Answer, call: Call, agent: Agent, public_url: str) -> bytes:
    """Return the body, decoded only where a part of it has to be replaced."""
    name, hide = call.operation.name, agent.grant.hide
    body: Any = None
    is_changed = answer.content is None
    if can_redact(name, hide):
        redaction = redact(name, call.parameters, answer.body, hide)
        body, is_changed = redaction.body, is_changed or redaction.hidden > 0
    elif is_changed:
        body = answer.body
    if name == "organizations.region":
        body, is_changed = {**json_object(answer.body), "url": public_url}, True
    elif call.operation.group not in _OF_EVENTS and _may_name_region(answer):
        body, is_changed = _without_region(answer.body if body is None else body), True
    if not is_changed:
        return answer.content or b""
    return b"" if body is None and answer.content == b"" else json.dumps(body, ensure_ascii=False).encode()


def _may_name_region(answer: Answer) -> bool:
    return answer.content is None or b'"regionUrl"' in answer.content


def _without_region(value: Any) -> Any:
    """Return the value with empty region addresses, at which clients would call Sentry past the gateway."""
    if isinstance(value, list):
        return [_without_region(each) for each in json_list(value)]
    if not isinstance(value, dict):
        return value
    items: Mapping[str, Any] = json_object(value)
    return {name: "" if name == _REGION_URL else _without_region(each) for name, each in items.items()}
