"""Service hooks: Sentry's older webhooks of a single project, without envelope, action or actor."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from vedette._core.json_values import json_list, json_object
from vedette.events.api_form import stored_exception
from vedette.events.kinds.issue import AboutIssue
from vedette.events.payload.envelope import ProjectRef
from vedette.events.payload.fields import (
    CamelPayload,
    Identifier,
    Items,
    Maybe,
    Object,
    Part,
    Payload,
    Tags,
    Timestamp,
)
from vedette.events.payload.issue import Issue
from vedette.events.payload.stacktrace import Exceptions, ExceptionValue
from vedette.events.payload.stored_event import Occurrence


class _ExceptionEntry(Payload):
    values: Exceptions


def _stored(values: object) -> object:
    if not isinstance(values, list):
        return values
    return [stored_exception(json_object(one)) if isinstance(one, dict) else one for one in json_list(values)]


class ApiEvent(CamelPayload):
    """An event in the form of Sentry's API, which is not the form that other webhooks carry."""

    id: Maybe[Identifier]
    event_id: Maybe[Identifier] = Field(default=None, alias="eventID")
    group_id: Maybe[Identifier] = Field(default=None, alias="groupID")
    project_id: Maybe[Identifier] = Field(default=None, alias="projectID")
    title: Maybe[str]
    message: Maybe[str]
    type: Maybe[str]
    platform: Maybe[str]
    date_created: Maybe[Timestamp]
    date_received: Maybe[Timestamp]
    occurrence: Maybe[Occurrence]
    tags: Tags
    entries: Items[dict[str, Any]] = Field(repr=False)
    """Parts of the event, each with `type` and `data`."""
    user: Object = Field(repr=False)
    url: Maybe[str]

    @property
    def exceptions(self) -> list[ExceptionValue]:
        """The chain of exceptions, found among `entries`."""
        for entry in self.entries:
            if entry.get("type") == "exception" and isinstance(entry.get("data"), dict):
                return _ExceptionEntry.model_validate({"values": _stored(entry["data"].get("values"))}).values
        return []


class ServiceHookData(Payload):
    """The whole body of a service hook."""

    project: Part[ProjectRef]
    """Slug and name; `group.project` has the id."""
    group: Issue
    event: ApiEvent


@dataclass(frozen=True, kw_only=True, repr=False)
class ServiceHookEvent(AboutIssue):
    """A service hook fired. Its body does not say whether on a new event or on an alert."""

    data: ServiceHookData

    @property
    def issue(self) -> Issue:
        """The issue; Sentry calls it `group` here."""
        return self.data.group

    @property
    def event(self) -> ApiEvent:
        """The event that fired the hook."""
        return self.data.event

    @property
    def project(self) -> ProjectRef:
        """The project, put together from the two places that describe it."""
        group, own = self.data.group.project, self.data.project
        slug, name = own.slug or group.slug, own.name or group.name
        return ProjectRef(id=group.id, slug=slug, name=name, platform=group.platform)

    @property
    def web_url(self) -> str | None:
        """The issue's page: service hooks put it into `url`."""
        return self.issue.link or self.issue.url

    @property
    def tags(self) -> dict[str, str]:
        """The event's tags."""
        return self.event.tags

    @property
    def release(self) -> str | None:
        """Release that raised the event, from its tags."""
        return self.tags.get("release")

    @property
    def environment(self) -> str | None:
        """Environment that raised the event, from its tags."""
        return self.tags.get("environment")
