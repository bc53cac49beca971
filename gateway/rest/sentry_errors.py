"""Turns the errors of a call into responses: Sentry's own answer where there is one, else a sentence of Vedette's."""

import math
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from gateway.responses import Response, detail_response, json_response
from vedette._core.json_values import json_object
from vedette.api.errors import (
    CallsHeld,
    Detail,
    NotAuthorized,
    ProjectRenamed,
    RateLimited,
    Redirected,
    RouteMissing,
    SentryError,
    SentryTimeout,
    SentryUnreachable,
    UnreadableAnswer,
    WrongToken,
)
from vedette.permissions.errors import AccessDenied, BudgetExhausted

if TYPE_CHECKING:
    from gateway.rejections import Headers

_OF_VEDETTE: Final[Sequence[tuple[type[SentryError], int]]] = (
    (WrongToken, HTTPStatus.FORBIDDEN),
    (RouteMissing, HTTPStatus.NOT_FOUND),
    (SentryTimeout, HTTPStatus.GATEWAY_TIMEOUT),
    (SentryUnreachable, HTTPStatus.BAD_GATEWAY),
    (UnreadableAnswer, HTTPStatus.BAD_GATEWAY),
    (Redirected, HTTPStatus.BAD_GATEWAY),
    (NotAuthorized, HTTPStatus.BAD_GATEWAY),
)
"""Errors that are answered in Vedette's own terms, the first that fits, and the status."""
UNKNOWN_OUTCOME: Final = " It may have been done all the same: look at its effect before you send it again."


def denial_response(error: AccessDenied) -> Response:
    """Return the response to a call that is not granted, with the line by which an operator allows it."""
    scope = error.scope_to_add
    wanted = f', scope="{scope}"' if scope else ""
    # The form of Sentry's own answer to agents; see RFC 6750, section 3.1.
    challenge = f'Bearer realm="vedette", error="insufficient_scope"{wanted}'
    facts = {
        "reason": error.denial.reason,
        "remedy": error.denial.remedy,
        "operation": error.operation,
        "retry": isinstance(error, BudgetExhausted),
    }
    return detail_response(403, f"Not done: {error}.", "denied", facts, (("WWW-Authenticate", challenge),))


def error_response(error: SentryError) -> Response:
    """Return the response to a call that Sentry refused or that did not reach it."""
    if isinstance(error, RateLimited):
        return _limited(error)
    if isinstance(error, ProjectRenamed):
        return _renamed(error)
    status = next((status for kind, status in _OF_VEDETTE if isinstance(error, kind)), None)
    return _of_sentry(error) if status is None else _of_vedette(status, error)


def _limited(error: RateLimited) -> Response:
    wait = max(1, math.ceil(error.retry_after or 1.0))
    headers: Headers = (("Retry-After", str(wait)),)
    sent = "was not sent" if isinstance(error, CallsHeld) else "was not done"
    sentence = (
        f"{error.operation} {sent}: Sentry's rate limit, which the whole organization shares, is used up. "
        f"Try again in {wait} s, with fewer calls."
    )
    return detail_response(429, sentence, "limited", {"retry": True, "retry_after": wait}, headers)


def _renamed(error: ProjectRenamed) -> Response:
    slug = str(error.detail.extra.get("slug", ""))
    sentence = f"Sentry has renamed this project to {slug}: use that name, and ask the operator to grant it."
    return detail_response(404, sentence if slug else str(error), "granted", {"retry": False})


def _of_vedette(status: int, error: SentryError) -> Response:
    """Return a response in Vedette's own terms, without headers or text that could lead the agent elsewhere."""
    if isinstance(error, NotAuthorized):
        sentence = (
            "Sentry did not accept Vedette's own token, so nothing was done. The operator has to correct it; the "
            "agent's token is valid."
        )
    else:
        sentence = str(error)
    facts = {"retry": error.retryable and not error.outcome_unknown, "outcome_unknown": error.outcome_unknown}
    return detail_response(status, sentence + (UNKNOWN_OUTCOME if error.outcome_unknown else ""), "granted", facts)


def _of_sentry(error: SentryError) -> Response:
    """Return Sentry's refusal in the form that it came in, without the credential."""
    status = HTTPStatus.BAD_GATEWAY if error.status is None else error.status
    headers: Headers = (("X-Vedette-Decision", "granted"),)
    body = _body_of(error.detail)
    if error.outcome_unknown:
        body |= {
            "detail": f"{str(error.detail).rstrip('.') or 'Sentry failed'}.{UNKNOWN_OUTCOME}",
            "vedette": {"decision": "granted", "retry": False, "outcome_unknown": True},
        }
    return json_response(status, body, headers)


def _body_of(detail: Detail) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if detail.code is not None:
        body["detail"] = {"code": detail.code, "message": detail.text, "extra": dict(detail.extra)}
    elif not detail.fields:
        body["detail"] = detail.text
    for name, messages in detail.fields.items():
        _nest(body, name, list(messages))
    if detail.error_id is not None:
        body["errorId"] = detail.error_id
    return body


def _nest(body: dict[str, Any], name: str, messages: list[str]) -> None:
    """Put the messages about a field where Sentry had them: `statusDetails.inRelease` is nested."""
    parent, _, child = name.partition(".")
    level: object = body.get(parent, {}) if child else None
    if isinstance(level, dict):
        body[parent] = json_object(level)
        _nest(body[parent], child, messages)
    else:
        body[name] = messages
