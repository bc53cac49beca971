"""Objects that belong to an issue besides comments."""

from typing import Any

from pydantic import Field

from vedette.api.models._base import Date, Id, SentryModel
from vedette.api.models.issues import Issue


class Activity(SentryModel):
    """One thing that happened to an issue."""

    id: Id
    type: str = ""
    user: dict[str, Any] | None = None
    data: dict[str, Any] = Field(default_factory=dict[str, Any])
    date_created: Date = None


class Activities(SentryModel):
    """The feed of what happened to an issue."""

    activity: list[Activity] = Field(default_factory=list[Activity])


class TagValue(SentryModel):
    """One value of a tag, and how often it came."""

    value: str | None = None
    name: str | None = ""
    count: int | None = None
    first_seen: Date = None
    last_seen: Date = None


class Tag(SentryModel):
    """A tag with its most frequent values."""

    key: str
    name: str = ""
    unique_values: int | None = None
    total_values: int | None = None
    top_values: list[TagValue] | None = None


class GroupingHash(SentryModel):
    """A grouping hash: events with it belong to the issue."""

    id: Id
    latest_event: dict[str, Any] | None = None


class UserReport(SentryModel):
    """The feedback of an end user about an event."""

    id: Id
    event_id: str = Field(default="", alias="eventID")
    name: str | None = None
    email: str | None = None
    comments: str = ""
    date_created: Date = None
    user: dict[str, Any] | None = None


class ReplayCounts(SentryModel):
    """The numbers of session replays, in `model_extra` by the id of the issue."""

    def count(self, issue: str) -> int:
        """Return the number of replays of an issue; Sentry leaves out those without one, and 51 means 51 or more."""
        found: object = (self.model_extra or {}).get(issue)
        return found if isinstance(found, int) else 0


class ExternalIssue(SentryModel):
    """An item of another system that a custom integration linked to an issue."""

    id: Id
    issue_id: str = ""
    service_type: str = ""
    display_name: str = ""
    web_url: str = ""


class TrackerForm(SentryModel):
    """The form of an installed tracker: `create_issue_config` or `link_issue_config`, as requested."""

    id: Id
    name: str = ""
    status: str = ""
    create_issue_config: list[dict[str, Any]] | None = None
    link_issue_config: list[dict[str, Any]] | None = None


class TrackerLink(SentryModel):
    """A linked item of an installed tracker."""

    id: str | None = None
    key: str | None = None
    url: str | None = None
    integration_id: str | None = None
    display_name: str | None = None


class ShortIdMatch(SentryModel):
    """The issue that a short id names."""

    organization_slug: str = ""
    project_slug: str = ""
    group_id: Id
    short_id: str = ""
    group: Issue | None = None


class EventIdMatch(SentryModel):
    """The issue that an event belongs to."""

    organization_slug: str = ""
    project_slug: str = ""
    group_id: Id
    event_id: str = ""
    event: dict[str, Any] | None = None


class Autofix(SentryModel):
    """The state of Seer's run; its form is experimental and kept in `model_extra`."""

    autofix: dict[str, Any] | None = None
