"""Events: of an issue, of a project, across the organization; and what hangs on one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vedette.simulator.api import Answer, ApiCall, bad_request, invalid, not_found
from vedette.simulator.dates import parse, zulu
from vedette.simulator.event_api_json import event_detail_json, event_json
from vedette.simulator.event_json import tags_of
from vedette.simulator.ownership import matching_rules, owners_of
from vedette.simulator.paging import paginate
from vedette.simulator.people import User
from vedette.simulator.people_json import team_json, user_json
from vedette.simulator.releases_json import commit_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vedette.simulator.api import Handler
    from vedette.simulator.issues import Event

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


def _paged(call: ApiCall, events: Iterable[Event]) -> Answer:
    full = call.query.get("full") in {"1", "true"}

    def as_json(event: Event) -> dict[str, Any]:
        return event_detail_json(call.world, event) if full else event_json(event)

    return paginate(call, _selected(call, events), as_json)


def list_for_issue(call: ApiCall) -> Answer:
    """List an issue's events, newest first."""
    return _paged(call, call.issue.events)


def get_for_issue(call: ApiCall) -> Answer:
    """Answer with one event of an issue, by id or latest, oldest, recommended."""
    issue, wanted = call.issue, call.path["event_id"]
    if wanted in {"latest", "oldest", "recommended"}:
        found = _selected(call, issue.events)
        if not found:
            raise not_found(NO_MATCH)
        return Answer(event_detail_json(call.world, found[-1 if wanted == "oldest" else 0]))
    event = call.world.events.get(wanted)
    if event is None or event.issue is not issue:
        raise not_found(NO_EVENT)
    return Answer(event_detail_json(call.world, event))


def list_for_project(call: ApiCall) -> Answer:
    """List a project's error events, newest first."""
    project = call.project
    return _paged(call, (event for event in call.world.events.values() if event.issue.project is project))


def get(call: ApiCall) -> Answer:
    """Answer with one event of a project."""
    return Answer(event_detail_json(call.world, call.event))


_FIELDS: dict[str, Callable[[Event], Any]] = {
    "id": lambda event: event.id,
    "title": lambda event: event.report.title,
    "message": lambda event: event.report.title,
    "timestamp": lambda event: zulu(event.when),
    "project": lambda event: event.issue.project.slug,
    "project.name": lambda event: event.issue.project.slug,
    "issue": lambda event: event.issue.short_id,
    "issue.id": lambda event: event.issue.id,
    "culprit": lambda event: event.report.culprit,
    "event.type": lambda event: event.report.event_type,
    "platform": lambda event: event.report.platform,
}


def search(call: ApiCall) -> Answer:
    """Answer with a table of events with the asked-for fields; a field that is not known is read as a tag."""
    names = call.query.getlist("field")
    if not names:
        raise bad_request("No columns selected")

    def row(event: Event) -> dict[str, Any]:
        tags: dict[str, str] = {pair[0]: pair[1] for pair in tags_of(event)}
        return {name: _FIELDS[name](event) if name in _FIELDS else tags.get(name) for name in names}

    answer = paginate(call, _selected(call, call.world.events.values()), row)
    kinds = {name: "date" if name == "timestamp" else "string" for name in names}
    answer.body = {"data": answer.body, "meta": {"fields": kinds, "units": dict.fromkeys(names)}}
    return answer


def attachments(call: ApiCall) -> Answer:
    """List attachments: there are none."""
    assert call.event
    return paginate(call, [], dict)


def source_maps(call: ApiCall) -> Answer:
    """Answer that nothing was uploaded."""
    event = call.event
    return Answer(
        {
            "dist": None,
            "release": event.release,
            "exceptions": [],
            "has_debug_ids": False,
            "min_debug_id_sdk_version": "7.56.0",
            "sdk_version": "2.41.0",
            "project_has_some_artifact_bundle": False,
            "release_has_some_artifact": False,
            "has_uploaded_some_artifact_with_a_debug_id": False,
            "sdk_debug_id_support": "full",
            "has_scraping_data": False,
        }
    )


def committers(call: ApiCall) -> Answer:
    """Answer with suspect commits: those of the event's release; 404 where there are none."""
    release = call.world.releases.get(call.event.release or "")
    if release is None:
        raise not_found("Release not found")
    if not release.commits:
        raise not_found("No Commits found for Release")
    commit = release.commits[-1]
    author = call.world.user_by_name.get(commit.author_email)
    shown: Any = {"name": commit.author_name, "email": commit.author_email}
    if author:
        shown = user_json(call.world, author)
    return Answer({"committers": [{"author": shown, "commits": [commit_json(call.world, commit)]}]})


def owners(call: ApiCall) -> Answer:
    """Answer with who the ownership rules name."""
    issue = call.event.issue
    shown = [
        user_json(call.world, owner.subject) | {"type": "user"}
        if isinstance(owner.subject, User)
        else team_json(call.world, owner.subject) | {"type": "team"}
        for owner in owners_of(call.world, issue)
    ]
    rules = [{"type": rule.kind, "pattern": rule.pattern} for rule in matching_rules(issue)]
    return Answer({"owners": shown, "rule": rules[0] if rules else None, "rules": rules})


def send_feedback(call: ApiCall) -> Answer:
    """Take in a shopper's words on an event."""
    fields = call.fields
    for name in ("event_id", "name", "email", "comments"):
        if not fields.get(name):
            raise invalid(**{name: "This field is required."})
    event = call.world.events.get(fields["event_id"])
    return Answer(
        {
            "id": str(call.world.next_id("feedback")),
            "eventID": fields["event_id"],
            "name": fields["name"],
            "email": fields["email"],
            "comments": fields["comments"],
            "dateCreated": zulu(call.world.clock()),
            "user": None,
            "event": {"id": event.id if event else None, "eventID": fields["event_id"]},
        }
    )


EVENTS: Mapping[str, Handler] = {
    "events.list_for_issue": list_for_issue,
    "events.get_for_issue": get_for_issue,
    "events.list_for_project": list_for_project,
    "events.get": get,
    "events.search": search,
    "events.attachments": attachments,
    "events.source_maps": source_maps,
    "events.committers": committers,
    "events.owners": owners,
    "projects.send_feedback": send_feedback,
}
