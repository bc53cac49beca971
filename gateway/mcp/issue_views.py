"""Shows issues and events to agents: Sentry's facts in fields of their own, and all text of events in `from_event`."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gateway.mcp.event_text import EventText
from vedette._core.json_values import json_list, json_object
from vedette.api.models import EventSummary, Issue, SentryEvent

_MOST_FRAMES: Final = 30
_MOST_CRUMBS: Final = 30
_SHORT: Final = 300
"""Characters of a value that is a name: a file, a function, a tag."""
_FRAME: Final = ("filename", "module", "function", "lineNo", "colNo", "inApp")
_REQUEST: Final = ("method", "url", "query", "data", "headers", "cookies", "env")
EVENT_PARTS: Final = ("stack", "breadcrumbs", "request")
"""The parts of an event that are shown only when they are asked for."""


def issue_facts(issue: Issue) -> dict[str, Any]:
    """Return the facts about an issue that Sentry itself has: none of them is text of an event."""
    return _present(
        {
            "id": issue.id,
            "short_id": issue.short_id,
            "project": issue.project.slug if issue.project else None,
            "status": issue.status,
            "substatus": issue.substatus,
            "priority": issue.priority,
            "level": issue.level,
            "assigned_to": issue.assignee,
            "events": int(issue.count) if issue.count.isdecimal() else None,
            "users": issue.user_count,
            "comments": issue.num_comments,
            "first_seen": when(issue.first_seen),
            "last_seen": when(issue.last_seen),
            "url": issue.permalink,
        }
    )


def issue_text(issue: Issue, texts: EventText) -> dict[str, Any]:
    """Return the text of an issue that comes from its events."""
    return _present({"title": texts.text(issue.title), "culprit": texts.text(issue.culprit or "", _SHORT)})


def event_facts(event: EventSummary) -> dict[str, Any]:
    """Return the facts about an event that Sentry itself has."""
    near: dict[str, Any] = {}
    if isinstance(event, SentryEvent):
        near = {"previous": event.previous_event_id, "next": event.next_event_id}
    facts = {"id": event.event_id or event.id, "issue": event.group_id, "at": when(event.date_created)}
    return _present({**facts, **near})


def event_text(event: EventSummary, texts: EventText, parts: Collection[str] = ()) -> dict[str, Any]:
    """Return the text of an event, each piece once: the title only where nothing else says what happened.

    Args:
        event: The event.
        texts: The text of the answer, in which it is counted.
        parts: Those of `EVENT_PARTS` that are wanted.
    """
    entries = _entries(event)
    exceptions = [json_object(each) for each in json_list(entries.get("exception", {}).get("values"))]
    message = entries.get("message", {}).get("formatted") or event.message or ""
    shown = {
        "exceptions": [_exception(each, texts, with_stack="stack" in parts) for each in exceptions],
        "message": "" if exceptions else texts.text(message),
        "title": "" if exceptions or message else texts.text(event.title),
        "culprit": texts.text(event.culprit or "", _SHORT),
        "platform": texts.text(event.platform or "", _SHORT),
        "tags": [
            {"key": texts.text(tag.get("key", ""), _SHORT), "value": texts.text(tag.get("value", ""), _SHORT)}
            for tag in event.tags
        ],
        "user": texts.json(event.user, _SHORT),
    }
    if isinstance(event, SentryEvent):
        shown["contexts"] = texts.json(event.contexts, _SHORT)
        shown["release"] = texts.text(json_object(event.release).get("version", ""), _SHORT)
    if "breadcrumbs" in parts:
        crumbs = json_list(entries.get("breadcrumbs", {}).get("values"))
        shown["breadcrumbs"] = [texts.json(_crumb(each)) for each in crumbs[-_MOST_CRUMBS:]]
    if "request" in parts:
        request = entries.get("request", {})
        shown["request"] = {name: texts.json(request[name]) for name in _REQUEST if request.get(name)}
    return _present(shown)


def when(moment: datetime | None) -> str | None:
    """Return a moment in UTC, to the second."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(milliseconds: int) -> str | None:
    """Return a Unix time in milliseconds in UTC, to the second; None for 0."""
    return when(datetime.fromtimestamp(milliseconds / 1000, UTC)) if milliseconds else None


def _entries(event: EventSummary) -> dict[str, dict[str, Any]]:
    entries = event.entries if isinstance(event, SentryEvent) else []
    # Redacted data is a text in the place of an object.
    return {str(each.get("type")): json_object(each.get("data")) for each in entries}


def _exception(value: Mapping[str, Any], texts: EventText, *, with_stack: bool) -> dict[str, Any]:
    frames = json_list(json_object(value.get("stacktrace")).get("frames")) if with_stack else []
    return _present(
        {
            "type": texts.text(value.get("type") or "", _SHORT),
            "value": texts.text(value.get("value") or ""),
            "frames": [_frame(json_object(each), texts) for each in frames[-_MOST_FRAMES:]],
        }
    )


def _frame(frame: Mapping[str, Any], texts: EventText) -> dict[str, Any]:
    shown = {name: texts.json(frame[name], _SHORT) for name in _FRAME if frame.get(name) is not None}
    if frame.get("inApp"):
        lines = [json_list(line) for line in json_list(frame.get("context"))]
        at = [str(line[1]) for line in lines if len(line) > 1 and line[0] == frame.get("lineNo")]
        shown["line"] = texts.text(at[0], _SHORT) if at else ""
        shown["vars"] = texts.json(frame.get("vars"), _SHORT)
    return _present(shown)


def _crumb(crumb: Any) -> dict[str, Any]:
    known = json_object(crumb)
    names = ("timestamp", "category", "level", "type", "message", "data")
    return {name: known[name] for name in names if known.get(name)}


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are there, so that answers are short."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
