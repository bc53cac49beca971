"""An event as the API shows it: camelCase with entries, unlike the stored form that webhooks carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import zulu
from vedette.simulator.serializers.issue import metadata
from vedette.simulator.serializers.webhook_event import exception, grouping_hash, tags_of

if TYPE_CHECKING:
    from vedette.simulator.world.issues import Event
    from vedette.simulator.world.world import World


def _user(event: Event) -> dict[str, Any] | None:
    if event.user is None:
        return None
    return {
        "id": event.user,
        "email": None,
        "username": None,
        "ip_address": "203.0.113.77",
        "name": None,
        "geo": {"country_code": "SE"},
        "data": None,
    }


def _tags(event: Event) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags_of(event)]


def event_json(event: Event) -> dict[str, Any]:
    """Return an event as lists show it."""
    report, issue = event.report, event.issue
    return {
        "id": event.id,
        "event.type": report.event_type,
        "groupID": str(issue.id),
        "eventID": event.id,
        "projectID": str(issue.project.id),
        "message": report.title,
        "title": report.title,
        "location": report.filename,
        "culprit": report.culprit,
        "user": _user(event),
        "tags": _tags(event),
        "platform": report.platform,
        "dateCreated": zulu(event.when),
        "crashFile": None,
        "metadata": metadata(report),
    }


def event_detail_json(world: World, event: Event) -> dict[str, Any]:
    """Return one whole event."""
    report, issue = event.report, event.issue
    entries: list[dict[str, Any]] = []
    if report.event_type == "error":
        entries = [{"type": "exception", "data": exception(report) | {"hasSystemFrames": False, "excOmitted": None}}]
    kept = issue.events
    place = kept.index(event) if event in kept else 0
    release = world.releases.get(event.release or "")
    return {
        "id": event.id,
        "groupID": str(issue.id),
        "eventID": event.id,
        "projectID": str(issue.project.id),
        "message": report.title,
        "title": report.title,
        "location": report.filename,
        "culprit": report.culprit,
        "user": _user(event),
        "tags": _tags(event),
        "platform": report.platform,
        "dateReceived": zulu(event.when),
        "dateCreated": zulu(event.when),
        "contexts": {"trace": {"trace_id": event.id, "span_id": event.id[:16], "type": "trace"}},
        "size": 18342,
        "entries": entries,
        "dist": None,
        "sdk": {"name": f"sentry.{report.platform}", "version": "2.41.0"},
        "context": {},
        "packages": {},
        "type": report.event_type,
        "metadata": metadata(report),
        "errors": [],
        "occurrence": None,
        "_meta": {"entries": {}, "message": None, "user": None, "contexts": None, "context": None, "packages": None},
        "crashFile": None,
        "fingerprints": [grouping_hash(report.grouping)],
        "groupingConfig": {"id": "newstyle:2026-01-20", "enhancements": "KLUv_SAC"},
        "release": {"version": release.version, "dateCreated": zulu(release.created)} if release else None,
        "userReport": None,
        "sdkUpdates": [],
        "resolvedWith": [],
        "previousEventID": kept[place - 1].id if place > 0 else None,
        "nextEventID": kept[place + 1].id if place + 1 < len(kept) else None,
    }
