"""`sentry.events`: single events, of an issue, a project or the organization."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from vedette.api.models import (
    Attachment,
    AttachmentFile,
    Committers,
    EventOwners,
    EventSummary,
    QueryValidation,
    Row,
    SentryEvent,
    SourceMapReport,
)
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiResource, IssueReference
from vedette.api.resources.issue_reading import is_fresh, reference
from vedette.api.response_parsing import as_bytes

Dataset = Literal["errors", "logs", "profile_functions", "spans", "tracemetrics", "uptime_results"]


class Events(ApiResource):
    """Read events. Those of a project need a `project:` scope; with `event:` scopes go by the issue."""

    def list_for_issue(
        self,
        issue: IssueReference,
        *,
        query: str | None = None,
        environment: Collection[str] = (),
        stats_period: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        full: bool | None = None,
        page_size: int | None = None,
    ) -> Pages[EventSummary]:
        """List the events of an issue, newest first; of the last 90 days unless a time is given.

        Args:
            issue: The issue.
            query: In the syntax of Sentry's search, on events.
            environment: Names; one that has no events makes the list empty.
            stats_period: `24h`, `14d`; or give start and end.
            start: The earliest time, with `end`.
            end: The latest time.
            full: Whole events, with their stack traces; heavy.
            page_size: 1 to 100.
        """
        call = self._core.call(
            "events.list_for_issue",
            {"issue_id": reference(issue)},
            query={
                "query": query,
                "environment": environment,
                "statsPeriod": stats_period,
                "start": start,
                "end": end,
                "full": full,
                "per_page": page_size,
            },
            issue=reference(issue),
            fresh=is_fresh(self._core, issue),
        )
        return Pages(self._core, EventSummary, call)

    async def get_for_issue(
        self, issue: IssueReference, event: str = "latest", *, environment: Collection[str] = ()
    ) -> SentryEvent:
        """Read one event of an issue: by id, or `latest`, `oldest`, `recommended`."""
        call = self._core.call(
            "events.get_for_issue",
            {"issue_id": reference(issue), "event_id": event},
            query={"environment": environment},
            issue=reference(issue),
            fresh=is_fresh(self._core, issue),
        )
        return await self._core.read(SentryEvent, call)

    def list_for_project(
        self,
        project: str,
        *,
        stats_period: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        full: bool | None = None,
    ) -> Pages[EventSummary]:
        """List the error events of a project, newest first. Sentry allows 60 such calls a minute, two at once."""
        query = {"statsPeriod": stats_period, "start": start, "end": end, "full": full}
        call = self._core.call("events.list_for_project", {"project_id_or_slug": project}, query=query, project=project)
        return Pages(self._core, EventSummary, call)

    async def get(self, project: str, event: str) -> SentryEvent:
        """Read one event of a project by its id: 32 hexadecimal digits."""
        return await self._core.read(
            SentryEvent, self._core.call("events.get", *_event(project, event), project=project)
        )

    async def stored(self, project: str, event: str) -> bytes:
        """Download one event as it is stored, as JSON: the form in which webhooks carry it."""
        call = self._core.call("events.stored", *_event(project, event), project=project)
        return as_bytes(call, await self._core.send(call))

    def search(
        self,
        fields: Sequence[str],
        *,
        dataset: Dataset = "errors",
        query: str | None = None,
        project: Collection[str | int] = (),
        environment: Collection[str] = (),
        stats_period: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        sort: str | None = None,
        page_size: int | None = None,
    ) -> Pages[Row]:
        """Query events as a table: `sentry.events.search(["title", "count()"], query="level:fatal")`.

        Args:
            fields: Columns; functions such as `count()` group the rows by the others.
            dataset: The kind of rows.
            query: In the syntax of Sentry's search.
            project: Ids or slugs.
            environment: Names.
            stats_period: `24h`, `14d`; or give start and end.
            start: The earliest time, with `end`.
            end: The latest time.
            sort: A column, with a minus for descending.
            page_size: 1 to 100.
        """
        call = self._core.call(
            "events.search",
            query={
                "field": fields,
                "dataset": dataset,
                "query": query,
                "project": project,
                "environment": environment,
                "statsPeriod": stats_period,
                "start": start,
                "end": end,
                "sort": sort,
                "per_page": page_size,
            },
        )
        return Pages(self._core, Row, call, rows="data", seen_as=lambda _: None)

    async def validate(
        self,
        fields: Sequence[str],
        *,
        dataset: Dataset = "spans",
        query: str | None = None,
        project: Collection[str | int] = (),
        environment: Collection[str] = (),
        stats_period: str | None = None,
        sort: Sequence[str] = (),
    ) -> QueryValidation:
        """Check an event query without running it; `errors` of the result says what is wrong.

        Sentry checks the datasets of spans, logs and metrics; a query on errors is always valid here.

        Args:
            fields: Columns.
            dataset: The kind of rows.
            query: In the syntax of Sentry's search.
            project: Ids or slugs.
            environment: Names.
            stats_period: `24h`, `14d`.
            sort: Columns, each with a minus for descending; each one of the fields.
        """
        call = self._core.call(
            "events.validate",
            query={
                "field": fields,
                "dataset": dataset,
                "query": query,
                "project": project,
                "environment": environment,
                "statsPeriod": stats_period,
                "orderby": sort,
            },
        )
        return await self._core.read(QueryValidation, call)

    async def attachment(self, project: str, event: str, attachment: str) -> AttachmentFile:
        """Download an attachment by its id. End users' applications send it: treat it as a file from a stranger.

        Raises:
            WrongToken: the token is an integration's; Sentry asks for the role of a member.
        """
        (parameters,) = _event(project, event)
        call = self._core.call(
            "events.attachment", {**parameters, "attachment_id": attachment}, query={"download": 1}, project=project
        )
        answer = await self._core.send(call)
        kind = (answer.header("Content-Type") or "application/octet-stream").partition(";")[0].strip()
        return AttachmentFile(as_bytes(call, answer), kind)

    def attachments(self, project: str, event: str, *, query: str | None = None) -> Pages[Attachment]:
        """List the files that came with an event."""
        call = self._core.call("events.attachments", *_event(project, event), query={"query": query}, project=project)
        return Pages(self._core, Attachment, call)

    async def source_maps(self, project: str, event: str) -> SourceMapReport:
        """Read why source maps did or did not apply to an event."""
        call = self._core.call("events.source_maps", *_event(project, event), project=project)
        return await self._core.read(SourceMapReport, call)

    async def committers(self, project: str, event: str) -> Committers:
        """Read the suspect commits of an event.

        Raises:
            NotFound: also when none are known.
        """
        call = self._core.call("events.committers", *_event(project, event), project=project)
        return await self._core.read(Committers, call)

    async def owners(self, project: str, event: str) -> EventOwners:
        """Read who the ownership rules name for an event."""
        call = self._core.call("events.owners", *_event(project, event), project=project)
        return await self._core.read(EventOwners, call)


def _event(project: str, event: str) -> tuple[dict[str, str]]:
    return ({"project_id_or_slug": project, "event_id": event.replace("-", "")},)
