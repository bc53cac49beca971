"""An issue as webhooks carry it: issue events, activity alerts and service hooks share this shape.

Servers differ: those before the links were added send an issue without `url`, `web_url` and `project_url`, and
`permalink` may be null on any of them.
"""

from typing import Any

from pydantic import AliasChoices, Field

from vedette.events.payload.envelope import ProjectRef
from vedette.events.payload.fields import CamelPayload, Identifier, Items, Maybe, Object, Part, Payload, Timestamp


class Assignee(Payload):
    """A person or team that an issue belongs to."""

    type: Maybe[str]
    """`user` or `team`."""
    id: Maybe[Identifier]
    name: Maybe[str]
    email: Maybe[str]
    """Absent for teams, and for everyone when the organization has enhanced privacy."""

    @property
    def is_user(self) -> bool:
        """A person."""
        return self.type == "user"

    @property
    def is_team(self) -> bool:
        """A team."""
        return self.type == "team"


class StatusDetails(CamelPayload):
    """Under which condition an issue was resolved or archived; only the keys that apply are set."""

    in_next_release: Maybe[bool]
    in_release: Maybe[str]
    in_commit: Any = None
    """Commit id, or an object that describes the commit: Sentry sends both."""
    ignore_count: Maybe[int]
    ignore_until: Maybe[Timestamp]
    ignore_user_count: Maybe[int]
    ignore_window: Maybe[int]
    """Minutes."""
    ignore_user_window: Maybe[int]
    """Minutes."""
    actor: Object


class IssueMetadata(Payload):
    """The metadata that Sentry derived from the issue's events."""

    type: Maybe[str]
    value: Maybe[str]
    filename: Maybe[str]
    function: Maybe[str]
    title: Maybe[str]
    severity: Maybe[float]
    """Sentry's estimate, from 0 to 1."""


class Issue(CamelPayload):
    """An issue at the moment Sentry serialised it. Read it again through the API before acting on its state."""

    id: Maybe[Identifier]
    short_id: Maybe[str]
    title: Maybe[str]
    culprit: Maybe[str]
    permalink: Maybe[str]
    url: Maybe[str]
    """The issue in Sentry's API; a service hook puts the link for people here."""
    web_url: Maybe[str] = Field(default=None, validation_alias=AliasChoices("web_url", "webUrl"))
    project_url: Maybe[str] = Field(default=None, validation_alias=AliasChoices("project_url", "projectUrl"))
    share_id: Maybe[str]
    logger: Maybe[str]
    platform: Maybe[str]
    level: Maybe[str]
    """sample, debug, info, warning, error, fatal, unknown."""
    status: Maybe[str]
    """resolved, unresolved, ignored (archived), and passing ones such as reprocessing or pending_deletion."""
    substatus: Maybe[str]
    """new, ongoing, escalating, regressed, archived_until_escalating, archived_until_condition_met, archived_forever;
    None when resolved."""
    status_details: Part[StatusDetails]
    project: Part[ProjectRef]
    type: Maybe[str]
    issue_type: Maybe[str]
    issue_category: Maybe[str]
    """error, outage, feedback, metric and others."""
    metadata: Part[IssueMetadata]
    priority: Maybe[str]
    """low, medium, high."""
    priority_locked_at: Maybe[Timestamp]
    """Since when a person's choice of priority holds; None while Sentry decides."""
    assigned_to: Maybe[Assignee]
    num_comments: Maybe[int]
    user_count: Maybe[int]
    count: Maybe[int]
    """Events so far; Sentry writes it as text."""
    is_unhandled: Maybe[bool]
    annotations: Items[Any]
    seer_fixability_score: Maybe[float]
    seer_autofix_last_triggered: Maybe[Timestamp]
    seer_explorer_autofix_last_triggered: Maybe[Timestamp]
    first_seen: Maybe[Timestamp]
    last_seen: Maybe[Timestamp]

    @property
    def link(self) -> str | None:
        """The issue's page for people, where the payload has it."""
        return self.web_url or self.permalink

    @property
    def is_resolved(self) -> bool:
        """Resolved, under whatever condition."""
        return self.status == "resolved"

    @property
    def is_archived(self) -> bool:
        """Archived; Sentry still writes `ignored` here."""
        return self.status in {"ignored", "archived"}

    @property
    def is_new(self) -> bool:
        """Seen for the first time not long ago."""
        return self.substatus == "new"

    @property
    def is_ongoing(self) -> bool:
        """Known for a while, nothing special."""
        return self.substatus == "ongoing"

    @property
    def is_escalating(self) -> bool:
        """Happens much more often than forecast. Arrives as `issue.unresolved`: there is no action for it."""
        return self.substatus == "escalating"

    @property
    def is_regressed(self) -> bool:
        """Came back after it had been resolved. Arrives as `issue.unresolved`: there is no action for it."""
        return self.substatus == "regressed"
