"""Converts events to one form: from Sentry's internal form in webhooks, and from that of its API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vedette._core.json_values import json_list, json_object
from vedette.events import ApiEvent, ExceptionValue, StoredEvent


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EventContent:
    """The content of an event that searches use. Objects are JSON as received, empty where there is none."""

    event_id: str | None
    issue_id: str | None
    project_id: str | None
    title: str | None
    message: str | None
    level: str | None
    type: str | None
    platform: str | None
    culprit: str | None
    location: str | None
    logger: str | None
    transaction: str | None
    release: str | None
    dist: str | None
    environment: str | None
    happened: datetime | float | None
    received: datetime | float | None
    issue_type: int | None
    tags: Mapping[str, str]
    exceptions: list[ExceptionValue]
    metadata: dict[str, Any]
    user: dict[str, Any]
    request: dict[str, Any]
    contexts: dict[str, Any]
    sdk: dict[str, Any]
    threads: object
    tells_main_thread: bool
    """Return whether this form of an event says which thread is the main one."""


def content_of_stored(event: StoredEvent) -> EventContent:
    """Return the content of an event as webhooks carry it."""
    extra, tags, occurrence = event.model_extra or {}, event.tags, event.occurrence
    return EventContent(
        event_id=event.event_id,
        issue_id=event.issue_id,
        project_id=event.project_id,
        title=event.title or (occurrence.issue_title if occurrence else None),
        message=event.message or text_at(extra, "logentry", "formatted"),
        level=event.level,
        type=event.type,
        platform=event.platform,
        culprit=event.culprit or (occurrence.culprit if occurrence else None),
        location=event.location,
        logger=event.logger or tags.get("logger"),
        transaction=event.transaction or tags.get("transaction"),
        release=event.release or tags.get("release"),
        dist=event.dist or tags.get("dist"),
        environment=event.environment or tags.get("environment"),
        happened=event.datetime or event.timestamp,
        received=event.received,
        issue_type=occurrence.type if occurrence else None,
        tags=tags,
        exceptions=event.exceptions,
        metadata=event.metadata,
        user=event.user,
        request=event.request,
        contexts=event.contexts,
        sdk=event.sdk,
        threads=value_at(extra, "threads", "values"),
        tells_main_thread=True,
    )


def content_of_api(event: ApiEvent) -> EventContent:
    """Return the content of an event as Sentry's API and service hooks carry it."""
    extra, tags = event.model_extra or {}, event.tags
    entries = {str(entry.get("type")): entry.get("data") for entry in event.entries}
    occurrence = event.occurrence
    return EventContent(
        event_id=event.event_id or event.id,
        issue_id=event.group_id,
        project_id=event.project_id,
        title=event.title or (occurrence.issue_title if occurrence else None),
        message=event.message or text_at(entries, "message", "formatted"),
        level=tags.get("level"),
        type=event.type,
        platform=event.platform,
        culprit=text_at(extra, "culprit") or (occurrence.culprit if occurrence else None),
        location=text_at(extra, "location"),
        logger=tags.get("logger"),
        transaction=tags.get("transaction"),
        release=tags.get("release") or text_at(extra, "release", "version"),
        dist=tags.get("dist") or text_at(extra, "dist"),
        environment=tags.get("environment"),
        happened=event.date_created,
        received=event.date_received,
        issue_type=occurrence.type if occurrence else None,
        tags=tags,
        exceptions=event.exceptions,
        metadata=object_at(extra, "metadata"),
        user=event.user,
        request=object_at(entries, "request"),
        contexts=object_at(extra, "contexts"),
        sdk=object_at(extra, "sdk"),
        threads=value_at(entries, "threads", "values"),
        tells_main_thread=False,
    )


def value_at(value: object, *path: str) -> object:
    """Return the value at a path of keys in JSON; None if the path does not exist."""
    for key in path:
        value = json_object(value).get(key)
    return value


def text_at(value: object, *path: str) -> str | None:
    """Return the text at a path; None where there is something else."""
    found = value_at(value, *path)
    return found if isinstance(found, str) and found else None


def object_at(value: object, *path: str) -> dict[str, Any]:
    """Return the object at a path; an empty one where there is something else."""
    found = value_at(value, *path)
    return json_object(found)


def objects_in(values: object) -> Iterator[dict[str, Any]]:
    """Return the objects in a list of JSON; none where there is something else."""
    for value in json_list(values):
        if isinstance(value, dict):
            yield json_object(value)
