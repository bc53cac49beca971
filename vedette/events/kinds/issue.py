"""`issue` webhooks: an issue was created, assigned, resolved, archived or came back."""

from dataclasses import dataclass

from vedette.events.event import Event
from vedette.events.payload.envelope import ProjectRef
from vedette.events.payload.fields import Maybe, Payload
from vedette.events.payload.issue import Assignee, Issue


class IssueData(Payload):
    """Content of an `issue` webhook."""

    issue: Issue
    assignee: Maybe[Assignee]
    """The new assignee, only on `assigned`. Sentry sends nothing for a change from one assignee to another."""
    resolution_type: Maybe[str]
    """How it was resolved, on `resolved` alone; free text: now, in_next_release, with_commit and others."""


class AboutIssue(Event):
    """Base of events that carry a whole issue."""

    @property
    def issue(self) -> Issue:
        """The issue as it was when Sentry sent the webhook."""
        raise NotImplementedError

    @property
    def issue_id(self) -> str | None:
        """Id of the issue."""
        return self.issue.id

    @property
    def short_id(self) -> str | None:
        """The issue's id for people."""
        return self.issue.short_id

    @property
    def project(self) -> ProjectRef:
        """Id, slug, name and platform of the issue's project."""
        return self.issue.project

    @property
    def title(self) -> str | None:
        """The issue's title."""
        return self.issue.title

    @property
    def level(self) -> str | None:
        """The issue's level."""
        return self.issue.level

    @property
    def web_url(self) -> str | None:
        """The issue's page; None where an older server sent neither of its two links."""
        return self.issue.link


@dataclass(frozen=True, kw_only=True, repr=False)
class IssueEvent(AboutIssue):
    """An issue was created, assigned, resolved, archived or unresolved.

    `unresolved` covers three things: a person reopened it, it regressed, it escalates. Ask `issue.is_regressed` and
    `issue.is_escalating`.
    """

    data: IssueData

    @property
    def issue(self) -> Issue:
        """The issue as it was when Sentry sent the webhook."""
        return self.data.issue

    @property
    def assignee(self) -> Assignee | None:
        """The new assignee, on `issue.assigned`."""
        return self.data.assignee

    @property
    def resolution_type(self) -> str | None:
        """The kind of resolution, on `issue.resolved`."""
        return self.data.resolution_type
