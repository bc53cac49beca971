"""Events: of an issue, of a project, across the organization."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.api_event import event_detail_json, event_json
from vedette.simulator.serializers.dates import parse, zulu
from vedette.simulator.serializers.webhook_event import stored_event, tags_of
from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request, not_found
from vedette.simulator.web.endpoints.monitoring.queries import asked_projects
from vedette.simulator.web.paging import paginate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.issues import Event

NO_EVENT = "Event not found. The event ID may be incorrect, or its age exceeded the retention period."
NO_MATCH = "No matching event found. Try changing the environments, date range, or query."
WINDOW = timedelta(days=90)


def _selected(call: ApiCall, events: Iterable[Event]) -> list[Event]:
    """Return the events that `environment`, `start`, `end` leave, newest first; 90 days without dates."""
    environments = set(call.query.getlist("environment"))
    limits = {name: parse(call.query[name]) for name in ("start", "end") if name in call.query}
    if None in limits.values():
        raise bad_request("Invalid date range.")
    start = limits.get("start") or call.world.clock() - WINDOW
    end = limits.get("end")
    found = [
        event
        for event in events
        if event.when >= start
        and (end is None or event.when <= end)
        and (not environments or (event.report.environment or "") in environments)
    ]
    return sorted(found, key=lambda event: event.when, reverse=True)


def _paged(call: ApiCall, events: Iterable[Event]) -> EndpointResponse:
    full = call.query.get("full") in {"1", "true"}

    def as_json(event: Event) -> dict[str, Any]:
        return event_detail_json(call.world, event) if full else event_json(event)

    return paginate(call, _selected(call, events), as_json)


def list_for_issue(call: ApiCall) -> EndpointResponse:
    """List an issue's events, newest first."""
    return _paged(call, call.issue.events)


def get_for_issue(call: ApiCall) -> EndpointResponse:
    """Answer with one event of an issue, by id or latest, oldest, recommended."""
    issue, wanted = call.issue, call.path["event_id"]
    if wanted in {"latest", "oldest", "recommended"}:
        found = _selected(call, issue.events)
        if not found:
            raise not_found(NO_MATCH)
        return EndpointResponse(event_detail_json(call.world, found[-1 if wanted == "oldest" else 0]))
    event = call.world.events.get(wanted)
    if event is None or event.issue is not issue:
        raise not_found(NO_EVENT)
    return EndpointResponse(event_detail_json(call.world, event))


def list_for_project(call: ApiCall) -> EndpointResponse:
    """List a project's error events, newest first."""
    project = call.project
    return _paged(call, (event for event in call.world.events.values() if event.issue.project is project))


def get(call: ApiCall) -> EndpointResponse:
    """Answer with one event of a project."""
    return EndpointResponse(event_detail_json(call.world, call.event))


def stored(call: ApiCall) -> EndpointResponse:
    """Answer with one event as it is stored."""
    return EndpointResponse(json.dumps(stored_event(call.event)).encode(), 200, content_type="application/json")


_FIELDS: dict[str, Callable[[Event], Any]] = {
    "id": lambda event: event.id,
    "title": lambda event: event.report.title,
    "message": lambda event: event.report.title,
    "timestamp": lambda event: zulu(event.when),
    "project": lambda event: event.issue.project.slug,
    "project.name": lambda event: event.issue.project.slug,
    "project.id": lambda event: event.issue.project.id,
    "issue": lambda event: event.issue.short_id,
    "issue.id": lambda event: event.issue.id,
    "culprit": lambda event: event.report.culprit,
    "event.type": lambda event: event.report.event_type,
    "platform": lambda event: event.report.platform,
}


def search(call: ApiCall) -> EndpointResponse:
    """Answer with a table of events with the asked-for fields; a field that is not known is read as a tag."""
    names = call.query.getlist("field")
    if not names:
        raise bad_request("No columns selected")

    def row(event: Event) -> dict[str, Any]:
        tags: dict[str, str] = {pair[0]: pair[1] for pair in tags_of(event)}
        return {name: _FIELDS[name](event) if name in _FIELDS else tags.get(name) for name in names}

    projects = asked_projects(call)
    events = (event for event in call.world.events.values() if event.issue.project in projects)
    found = _selected(call, events)
    if call.query.get("sort") == "timestamp":
        found.reverse()
    answer = paginate(call, found, row)
    kinds = {name: "date" if name == "timestamp" else "string" for name in names}
    answer.body = {"data": answer.body, "meta": {"fields": kinds, "units": dict.fromkeys(names)}}
    return answer


EVENTS: Mapping[str, Handler] = {
    "events.list_for_issue": list_for_issue,
    "events.get_for_issue": get_for_issue,
    "events.list_for_project": list_for_project,
    "events.get": get,
    "events.stored": stored,
    "events.search": search,
}
