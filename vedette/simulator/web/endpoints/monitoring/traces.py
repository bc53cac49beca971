"""Traces: each event is an error in a trace of its own, with the span of its transaction around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vedette.simulator.web.call import ApiCall, ApiError, EndpointResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.issues import Event

_TRACE_ID = re.compile(r"[0-9a-fA-F-]{32,36}|[0-9]+")
SPAN_OP = "http.server"
_SECONDS = 0.25


def _event(call: ApiCall) -> Event | None:
    """Return the event in the trace; an id that is none has no route, which is a 404 without a body."""
    text = call.path["trace_id"]
    if _TRACE_ID.fullmatch(text) is None:
        raise ApiError(404, None)
    return call.world.events.get(text.replace("-", "").lower())


def get(call: ApiCall) -> EndpointResponse:
    """Answer with the trace as a list of spans; an unknown one is an empty list."""
    event = _event(call)
    return EndpointResponse([_span_json(event)] if event else [])


def _span_json(event: Event) -> dict[str, Any]:
    """Return the span of the event's transaction, with the event as its error."""
    end, project = event.when.timestamp(), event.issue.project
    name = event.report.transaction or event.report.culprit
    return {
        "event_type": "span",
        "event_id": event.id[:16],
        "span_id": event.id[:16],
        "parent_span_id": None,
        "transaction_id": event.id,
        "project_id": project.id,
        "project_slug": project.slug,
        "profile_id": "",
        "profiler_id": "",
        "start_timestamp": end - _SECONDS,
        "end_timestamp": end,
        "duration": _SECONDS * 1000,
        "measurements": {},
        "op": SPAN_OP,
        "name": name,
        "description": name,
        "transaction": name,
        "is_transaction": True,
        "sdk_name": f"sentry.{event.report.platform}",
        "additional_attributes": {},
        "children": [],
        "errors": [_error_json(event)],
        "occurrences": [],
    }


def _error_json(event: Event) -> dict[str, Any]:
    issue, report = event.issue, event.report
    return {
        "event_type": "error",
        "event_id": event.id,
        "issue_id": issue.id,
        "short_id": issue.short_id,
        "project_id": issue.project.id,
        "project_slug": issue.project.slug,
        "title": report.title,
        "message": report.value,
        "level": report.level,
        "culprit": report.culprit,
        "transaction": report.transaction or report.culprit,
        "start_timestamp": event.when.timestamp(),
    }


def summary(call: ApiCall) -> EndpointResponse:
    """Answer with the size of the trace; that of an unknown one is zero."""
    event = _event(call)
    spans = 1 if event else 0
    transactions = [{"transaction.event_id": event.id, "count()": 1}] if event else []
    return EndpointResponse(
        {
            "logs": 0,
            "errors": spans,
            "performance_issues": 0,
            "span_count": spans,
            "transaction_child_count_map": transactions,
            "span_count_map": {SPAN_OP: spans} if event else {},
        }
    )


TRACES: Mapping[str, Handler] = {"traces.get": get, "traces.summary": summary}
