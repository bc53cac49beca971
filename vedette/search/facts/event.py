"""Answers keys from an event: everything about itself, but only the id of its issue."""

from collections.abc import Callable, Mapping
from typing import Final

from vedette._core.json_values import json_list
from vedette.search.facts.answers import ABSENT, NOT_KNOWN, Answer, answer_of, whole_number
from vedette.search.facts.event_content import EventContent, objects_in, text_at, value_at
from vedette.search.facts.stacktrace import exceptions_answer
from vedette.search.matching.releases import split_release

_TAG: Final = "tags["
_TITLE_PARTS: Final = ("title", "type", "value", "filename", "function")
_DEVICE_CLASSES: Final[Mapping[str, str]] = {"1": "low", "2": "medium", "3": "high"}
_FEEDBACK: Final = 6001  # the number of the issue type
_NO_ERRORS: Final = (None, "generic", "transaction")


def _message(event: EventContent) -> list[object]:
    """All that Sentry puts together into the text that it searches."""
    told = [event.metadata.get(key) for key in _TITLE_PARTS]
    raised = [text for exception in event.exceptions for text in (exception.type, exception.value)]
    return [event.message, event.title, *raised, *told, event.culprit]


def _users(event: EventContent) -> list[str | None]:
    """Return the user as Sentry's own tag writes it: `id:7`, `email:jun@harborline.example`."""
    tag = event.tags.get("user")
    if tag:
        return [tag]
    fields = (("id", "id"), ("email", "email"), ("username", "username"), ("ip", "ip_address"))
    return [f"{kind}:{event.user[field]}" for kind, field in fields if event.user.get(field)]


def _user_part(event: EventContent, field: str) -> object:
    kind = "ip" if field == "ip_address" else field
    tag = event.tags.get("user", "")
    return event.user.get(field) or (tag.removeprefix(f"{kind}:") if tag.startswith(f"{kind}:") else None)


def _header(event: EventContent, wanted: str) -> object:
    headers = event.request.get("headers")
    for pair in json_list(headers):
        match pair:
            case [str(name), str(value)] if name.lower() == wanted:
                return value
            case _:
                continue
    return None


def _main_thread(event: EventContent) -> Answer:
    """Return whether the exception came from the thread that the SDK calls the main one; unknown with Sentry's API."""
    failed = [value_at(exception.model_extra, "thread_id") for exception in event.exceptions]
    for thread in objects_in(event.threads):
        if thread.get("id") is not None and thread["id"] in failed:
            told = event.tells_main_thread or "main" in thread
            return answer_of(bool(thread.get("main"))) if told else NOT_KNOWN
    return ABSENT


def _issue_type(event: EventContent) -> object:
    """Return the type and category of its issue, as far as an event shows them: errors of any kind, and feedback."""
    if event.issue_type == _FEEDBACK:
        return "feedback"
    return NOT_KNOWN if event.issue_type is not None or event.type in _NO_ERRORS else "error"


_READERS: Final[Mapping[str, Callable[[EventContent], object]]] = {
    "id": lambda event: event.event_id,
    "issue.id": lambda event: whole_number(event.issue_id) or NOT_KNOWN,
    "issue.category": _issue_type,
    "issue.type": _issue_type,
    "project.id": lambda event: whole_number(event.project_id) or NOT_KNOWN,
    "title": lambda event: event.title,
    "message": _message,
    "level": lambda event: event.level,
    "event.type": lambda event: event.type,
    "platform": lambda event: event.platform,
    "culprit": lambda event: event.culprit,
    "location": lambda event: event.location,
    "logger": lambda event: event.logger,
    "transaction": lambda event: event.transaction,
    "release": lambda event: event.release,
    "release.version": lambda event: split_release(event.release or "").version,
    "release.build": lambda event: split_release(event.release or "").build,
    "release.package": lambda event: split_release(event.release or "").package,
    "dist": lambda event: event.dist,
    "environment": lambda event: event.environment,
    "timestamp": lambda event: event.happened,
    "event.timestamp": lambda event: event.happened,
    "error.received": lambda event: event.received,
    "error.main_thread": _main_thread,
    "user": _users,
    "user.id": lambda event: _user_part(event, "id"),
    "user.email": lambda event: _user_part(event, "email"),
    "user.username": lambda event: _user_part(event, "username"),
    "user.ip": lambda event: _user_part(event, "ip_address"),
    "user.name": lambda event: event.user.get("name"),
    "geo.city": lambda event: value_at(event.user, "geo", "city"),
    "geo.country_code": lambda event: value_at(event.user, "geo", "country_code"),
    "geo.region": lambda event: value_at(event.user, "geo", "region"),
    "geo.subdivision": lambda event: value_at(event.user, "geo", "subdivision"),
    "http.method": lambda event: event.request.get("method"),
    "http.url": lambda event: event.request.get("url") or event.tags.get("url"),
    "http.referer": lambda event: _header(event, "referer"),
    "http.status_code": lambda event: value_at(event.contexts, "response", "status_code"),
    "sdk.name": lambda event: event.sdk.get("name"),
    "sdk.version": lambda event: event.sdk.get("version"),
    "trace": lambda event: value_at(event.contexts, "trace", "trace_id"),
    "trace.span": lambda event: value_at(event.contexts, "trace", "span_id"),
    "trace.parent_span": lambda event: value_at(event.contexts, "trace", "parent_span_id"),
    "device.class": lambda event: _DEVICE_CLASSES.get(event.tags.get("device.class", "")),
    "unreal.crash_type": lambda event: value_at(event.contexts, "unreal", "crash_type"),
}


def event_answer(event: EventContent, key: str) -> Answer:
    """Return the event's value for a key; unknown where the key is about its issue."""
    if key.startswith(_TAG):
        return _tag(event, key[len(_TAG) : -1])
    if key.startswith("flags["):
        return _flag(event, key[len("flags[") : -1])
    read = _READERS.get(key)
    if read:
        return answer_of(read(event))
    return exceptions_answer(event.exceptions, key) or NOT_KNOWN


def _tag(event: EventContent, name: str) -> Answer:
    """Return a tag, else what Sentry would make one of: `os.name` of the context `os`."""
    value: object = event.tags.get(name)
    context, dot, field = name.partition(".")
    if value is None and dot:
        value = value_at(event.contexts, context, field)
        if value is None:
            value = value_at(event.contexts, f"client_{context}", field)
    return answer_of(value)


def _flag(event: EventContent, name: str) -> Answer:
    """Return the evaluation of a feature flag, as far as the SDK recorded it."""
    flags = objects_in(value_at(event.contexts, "flags", "values"))
    return answer_of([flag.get("result") for flag in flags if text_at(flag, "flag") == name])
