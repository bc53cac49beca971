"""Issues and what happens to them: events, comments, activity."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vedette.simulator.world.actors import Actor
    from vedette.simulator.world.people import Assignee
    from vedette.simulator.world.projects import Project, Release


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """One error as an SDK reports it, with the fields that the simulated Sentry reads.

    Reports with the same `fingerprint` (default: type, module file and function) in one project make one issue.
    """

    type: str
    value: str
    filename: str = "app/main.py"
    function: str = "main"
    transaction: str | None = None
    level: str = "error"
    platform: str = "python"
    handled: bool = False
    environment: str | None = "production"
    release: str | None = None
    logger: str | None = None
    user: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    fingerprint: str | None = None
    priority: str | None = None
    # Of another kind than errors: performance issues, feedback, outages.
    issue_type: str = "error"
    issue_category: str = "error"
    event_type: str = "error"

    @property
    def title(self) -> str:
        """`Type: value`, or the bare value where there is no exception."""
        return f"{self.type}: {self.value}" if self.type and self.value else self.type or self.value

    @property
    def culprit(self) -> str:
        """The place of the error, as Sentry shows it."""
        if self.transaction:
            return self.transaction
        module = self.filename.rsplit(".", 1)[0].strip("/").replace("/", ".")
        return f"{module} in {self.function}" if self.function else module

    @property
    def grouping(self) -> str:
        """The text that decides which issue it belongs to."""
        return self.fingerprint or "|".join((self.type or self.value, self.filename, self.function))


@dataclass(slots=True, eq=False)
class Event:
    """One occurrence. Its JSON is made on demand, so that a hundred thousand of them fit in memory."""

    id: str
    issue: Issue
    report: ErrorReport
    when: datetime
    user: str | None
    release: str | None


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """A file that came with an event."""

    id: int
    name: str
    content: bytes
    content_type: str
    created: datetime


@dataclass(slots=True, eq=False)
class Comment:
    """A note that a person or an integration left on an issue."""

    id: int
    text: str
    actor: Actor
    when: datetime


@dataclass(slots=True, eq=False)
class SimulatedActivity:
    """One line of an issue's history."""

    id: int
    type: str
    actor: Actor
    when: datetime
    data: dict[str, Any]


@dataclass(slots=True)
class Snooze:
    """The conditions that end an archive "until a condition is met"; counters are those at the time of archiving."""

    until: datetime | None = None
    count: int | None = None
    window: int | None = None
    user_count: int | None = None
    user_window: int | None = None
    since: datetime | None = None
    count_then: int = 0
    users_then: int = 0


@dataclass(slots=True)
class Resolution:
    """In what an issue was resolved, beyond "now"."""

    type: str = "now"
    release: Release | None = None
    commit: str | None = None
    when: datetime | None = None


@dataclass(slots=True, eq=False)
class Issue:
    """A group of like events; the state that triage is about."""

    id: int
    short_id: str
    project: Project
    report: ErrorReport
    first_seen: datetime
    last_seen: datetime
    status: str = "unresolved"
    substatus: str | None = "new"
    level: str = "error"
    priority: str | None = "medium"
    priority_locked: datetime | None = None
    assignee: Assignee | None = None
    count: int = 0
    users: set[str] = field(default_factory=set[str])
    first_release: str | None = None
    last_release: str | None = None
    # What events are grouped into it by: its own text, and those of issues merged into it.
    groupings: set[str] = field(default_factory=set[str])
    share_id: str | None = None
    user_reports: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    replays: list[str] = field(default_factory=list[str])
    in_inbox: bool = True
    # When it came into the inbox, where that was after its creation.
    inbox_since: datetime | None = None
    resolution: Resolution | None = None
    snooze: Snooze | None = None
    changed_by: Actor | None = None
    # Since when, and at which count, it is archived: what escalation is measured against.
    archived_count: int = 0
    bookmarked_by: set[str] = field(default_factory=set[str])
    subscribers: set[str] = field(default_factory=set[str])
    seen_by: dict[int, datetime] = field(default_factory=dict[int, datetime])
    # The newest events only, oldest first; `count` has all.
    events: list[Event] = field(default_factory=list[Event])
    comments: list[Comment] = field(default_factory=list[Comment])
    activity: list[SimulatedActivity] = field(default_factory=list[SimulatedActivity])
    links: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    tracker_links: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    autofix: dict[str, Any] | None = None

    @property
    def title(self) -> str:
        """The title of the first report, as Sentry keeps it."""
        return self.report.title
