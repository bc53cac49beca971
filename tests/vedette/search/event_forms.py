"""The two forms of one event: as webhooks carry it, and as the serializer of Sentry's API writes it."""

from datetime import UTC, datetime
from typing import Any

_FRAME = {
    "abs_path": "absPath",
    "lineno": "lineNo",
    "colno": "colNo",
    "in_app": "inApp",
    "function": "function",
    "module": "module",
    "filename": "filename",
    "package": "package",
    "platform": "platform",
    "vars": "vars",
}


def to_api(event: dict[str, Any]) -> dict[str, Any]:
    """The webhook's event as the API gives it. Nothing is left out there: unknown values are null."""
    entries: list[dict[str, Any]] = []
    if "exception" in event:
        values = [_api_exception(one) for one in event["exception"]["values"]]
        entries.append({"type": "exception", "data": {"values": values, "hasSystemFrames": True, "excOmitted": None}})
    if "threads" in event:
        threads = [
            {"id": one["id"], "current": None, "crashed": None, "name": None, "stacktrace": None}
            for one in event["threads"]["values"]
        ]
        entries.append({"type": "threads", "data": {"values": threads}})
    if "request" in event:
        entries.append({"type": "request", "data": {"method": None, "url": None, "headers": [], **event["request"]}})
    if "logentry" in event:
        entries.append({"type": "message", "data": event["logentry"]})
    release = event.get("release")
    return {
        "id": event["event_id"],
        "eventID": event["event_id"],
        "groupID": event["issue_id"],
        "projectID": str(event["project"]),
        "title": event["title"],
        "message": event["message"],
        "culprit": event.get("culprit"),
        "location": event.get("location"),
        "type": event["type"],
        "platform": event.get("platform"),
        "dateCreated": event["datetime"],
        "dateReceived": _iso(event["received"]),
        "dist": event.get("dist"),
        "release": {"version": release} if release else None,
        "tags": [{"key": key, "value": value} for key, value in event["tags"]],
        "user": event.get("user"),
        "contexts": event.get("contexts", {}),
        "sdk": event.get("sdk"),
        "metadata": event.get("metadata", {}),
        "entries": entries,
        "errors": [],
        "occurrence": None,
    }


def to_webhook(event: dict[str, Any]) -> dict[str, Any]:
    """The API's event as a webhook carries it, but for which thread is the main one."""
    entries = {one["type"]: one["data"] for one in event["entries"]}
    tags = {one["key"]: one["value"] for one in event["tags"]}
    found: dict[str, Any] = {
        "event_id": event["eventID"],
        "issue_id": event["groupID"],
        "project": int(event["projectID"]),
        "datetime": event["dateCreated"],
        "received": datetime.fromisoformat(event["dateReceived"]).timestamp(),
        "level": tags.get("level"),
        "environment": tags.get("environment"),
        "release": event["release"]["version"] if event["release"] else None,
        "tags": [[key, value] for key, value in tags.items()],
    }
    for key in ("title", "message", "culprit", "location", "type", "platform", "dist", "user", "contexts", "sdk"):
        found[key] = event[key]
    found["metadata"] = event["metadata"]
    if "exception" in entries:
        found["exception"] = {"values": [_stored_exception(one) for one in entries["exception"]["values"]]}
    if "threads" in entries:
        found["threads"] = {"values": [{"id": one["id"]} for one in entries["threads"]["values"]]}
    if "request" in entries:
        found["request"] = entries["request"]
    if "message" in entries:
        found["logentry"] = entries["message"]
    return found


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _api_exception(value: dict[str, Any]) -> dict[str, Any]:
    trace = value.get("stacktrace")
    frames = [_api_frame(one) for one in trace["frames"]] if trace else []
    return {
        "type": value.get("type"),
        "value": value.get("value"),
        "module": value.get("module"),
        "mechanism": value.get("mechanism"),
        "threadId": value.get("thread_id"),
        "stacktrace": {"frames": frames, "framesOmitted": None, "hasSystemFrames": True} if trace else None,
        "rawStacktrace": None,
    }


def _api_frame(frame: dict[str, Any]) -> dict[str, Any]:
    found = {own: frame.get(stored) for stored, own in _FRAME.items()}
    if "context_line" in frame:
        line = frame["lineno"]
        before, after = frame["pre_context"], frame["post_context"]
        texts = [*before, frame["context_line"], *after]
        found["context"] = [[line - len(before) + number, text] for number, text in enumerate(texts)]
    return {"context": [], "trust": None, "errors": None, **found}


def _stored_exception(value: dict[str, Any]) -> dict[str, Any]:
    found = {key: value[key] for key in ("type", "value", "module", "mechanism")}
    found["thread_id"] = value["threadId"]
    if value["stacktrace"]:
        frames = value["stacktrace"]["frames"]
        found["stacktrace"] = {
            "frames": [{stored: one[own] for stored, own in _FRAME.items() if one[own] is not None} for one in frames]
        }
    return found
