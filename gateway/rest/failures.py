"""Gives each error of a request its response, and says in each whether anything was sent."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog
from redis.exceptions import RedisError

from gateway.rejections import NotAuthenticatedError, RequestRejected, UnavailableError
from gateway.responses import Response, detail_response, rejection_response
from gateway.rest.sentry_errors import UNKNOWN_OUTCOME, denial_response, error_response
from vedette.access.agent_directory import AgentChangedError, AgentTokenError
from vedette.api.errors import SentryError
from vedette.api.issue_update import InvalidUpdateError
from vedette.permissions.errors import AccessDenied
from vedette.store.access.audit_appender import AuditBusyError, UnreadableAuditError
from vedette.store.agents.read_journal import ReadJournalFullError


def failure_response(error: Exception, method: str, deadline: float) -> Response:
    """Return the response to a request that ended with an error.

    Args:
        error: The error.
        method: The method of the request.
        deadline: The seconds that the request had.
    """
    if isinstance(error, TimeoutError):
        return _late(method, deadline)
    for kind, respond in _RESPONSES:
        if isinstance(error, kind):
            return respond(error)
    structlog.get_logger().error("request of an agent failed", exc_info=error)
    return detail_response(500, "Vedette failed on this request; its log says why.", "failed")


def _late(method: str, deadline: float) -> Response:
    unknown = method != "GET"
    facts = {"retry": not unknown, "outcome_unknown": unknown}
    sentence = f"There was no answer within {deadline:.0f} s.{UNKNOWN_OUTCOME if unknown else ''}"
    return detail_response(504, sentence, "granted", facts)


def _revoked(error: AgentTokenError) -> Response:
    return rejection_response(NotAuthenticatedError(str(error)))


def _unusable(error: InvalidUpdateError) -> Response:
    return detail_response(400, f"Not done: {error}", "rejected")


def _unrecorded(error: Exception) -> Response:
    return detail_response(503, f"Not done: {error}", "unavailable", headers=UnavailableError.headers)


def _redis_away(error: Exception) -> Response:
    log = structlog.get_logger()
    log.warning("redis does not answer: a request of an agent was not sent", error=type(error).__name__)
    return rejection_response(UnavailableError())


_RESPONSES: Final[Sequence[tuple[type[Exception], Callable[[Any], Response]]]] = (
    (RequestRejected, rejection_response),
    (AgentTokenError, _revoked),
    (AgentChangedError, _unrecorded),
    (AccessDenied, denial_response),
    (SentryError, error_response),
    (InvalidUpdateError, _unusable),
    (ReadJournalFullError, _unrecorded),
    (AuditBusyError, _unrecorded),
    (UnreadableAuditError, _unrecorded),
    (RedisError, _redis_away),
    (OSError, _redis_away),
)
"""Errors and their responses, the first that fits."""
