"""Reading issues: one, several, or whatever a search finds."""

from collections.abc import Collection, Sequence
from datetime import datetime

from vedette.api.cache import KnownIssue
from vedette.api.issue_update import InvalidUpdateError
from vedette.api.models import EventIdMatch, Issue, ShortIdMatch
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiCaller, ApiResource, IssueReference

UNRESOLVED = "is:unresolved"


class IssueReading(ApiResource):
    """Operations that read issues."""

    async def get(
        self,
        issue: IssueReference,
        *,
        expand: Collection[str] = (),
        collapse: Collection[str] = (),
        environment: Collection[str] = (),
    ) -> Issue:
        """Read one issue.

        Args:
            issue: Its id or short id, or an event that names it.
            expand: More to read with it: `owners`, `inbox`, `integrationIssues`, `sentryAppIssues` and others.
            collapse: Less to read: `stats`, `tags`, `release`.
            environment: Count events of these environments alone.

        Raises:
            NotFound: it is gone, or being deleted or merged; of a merged issue the surviving one is returned.
            SentryError: see `vedette.api.errors`.
        """
        call = self._core.call(
            "issues.get",
            {"issue_id": reference(issue)},
            query={"expand": expand, "collapse": collapse, "environment": environment},
            issue=reference(issue),
            fresh=is_fresh(self._core, issue),
        )
        return self._remember(await self._core.read(Issue, call))

    def search(
        self,
        query: str = UNRESOLVED,
        *,
        project: Collection[str | int] = (),
        environment: Collection[str] = (),
        stats_period: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        sort: str | None = None,
        expand: Collection[str] = (),
        collapse: Collection[str] = (),
        page_size: int | None = None,
    ) -> Pages[Issue]:
        """Search the organization's issues: `async for issue in sentry.issues.search("is:unresolved level:fatal")`.

        What changed within the last seconds may not be found yet, or be shown as it was.

        Args:
            query: In Sentry's syntax. Empty finds issues of every status.
            project: Ids or slugs; none means all that the token reaches, one that it does not reach fails the call.
            environment: Names.
            stats_period: `24h`, `14d`; or give start and end.
            start: From when on, with `end`.
            end: Until when.
            sort: `date`, `new`, `trends`, `freq`, `user`, `inbox` or `recommended`.
            expand: More of each: `owners`, `inbox` and others.
            collapse: Less of each: `stats`, `lifetime`, `filtered` and others.
            page_size: 1 to 100.
        """
        call = self._core.call(
            "issues.search",
            query={
                "query": query,
                "project": project,
                "environment": environment,
                "statsPeriod": stats_period,
                "start": start,
                "end": end,
                "sort": sort,
                "expand": expand,
                "collapse": collapse,
                "limit": page_size,
            },
        )
        return Pages(self._core, Issue, call)

    def list_for_project(self, project: str, query: str = UNRESOLVED, *, page_size: int | None = None) -> Pages[Issue]:
        """List the issues of one project. Sentry has deprecated this: `search(query, project=[...])` does the same."""
        call = self._core.call(
            "issues.list_for_project",
            {"project_id_or_slug": project},
            query={"query": query, "limit": page_size},
            project=project,
        )
        return Pages(self._core, Issue, call)

    async def get_many(self, issues: Sequence[IssueReference]) -> list[Issue]:
        """Read several issues, a hundred with a call; those that are gone or merged away are left out."""
        wanted = list(dict.fromkeys(reference(issue) for issue in issues))
        found: dict[str, Issue] = {}
        for first in range(0, len(wanted), 100):
            some = wanted[first : first + 100]
            call = self._core.call("issues.search", query={"group": some, "query": "", "limit": 100})
            for issue in await self._core.read_list(Issue, call):
                found[issue.id] = self._remember(issue)
        return [found[each] for each in wanted if each in found]

    async def by_short_id(self, short_id: str) -> ShortIdMatch:
        """Find an issue by its short id, `SHOP-4K`."""
        return await self._core.read(ShortIdMatch, self._core.call("issues.by_short_id", {"issue_id": short_id}))

    async def by_event_id(self, event_id: str) -> EventIdMatch:
        """Find an issue by the id of one of its events: 32 hexadecimal digits."""
        return await self._core.read(EventIdMatch, self._core.call("issues.by_event_id", {"event_id": event_id}))

    def _remember(self, issue: Issue) -> Issue:
        self._core.memory.issues[issue.id] = KnownIssue(issue.label, issue.project.slug if issue.project else None)
        return issue


def reference(issue: IssueReference) -> str:
    """Return the id or short id by which a path names the issue.

    Raises:
        InvalidUpdateError: the reference names no issue.
    """
    identifier = issue if isinstance(issue, str) else issue.issue_id
    if not identifier:
        raise InvalidUpdateError("This names no issue: give an id, a short id, an issue or an event about one.")
    return identifier


def is_fresh(core: ApiCaller, issue: IssueReference) -> bool:
    """Return whether a webhook has only just named the issue: it is given as an event, or its id is in `fresh`."""
    named = not isinstance(issue, str | Issue)
    return named or reference(issue) in core.options.fresh


def known(core: ApiCaller, issue: IssueReference) -> KnownIssue:
    """Return the known label and project of an issue without reading it."""
    if isinstance(issue, Issue):
        return KnownIssue(issue.label, issue.project.slug if issue.project else None)
    identifier = reference(issue)
    if (remembered := core.memory.issues.get(identifier)) is not None:
        return remembered
    short_id = getattr(issue, "short_id", None)
    if isinstance(short_id, str) and short_id:
        return KnownIssue(short_id, None)
    return KnownIssue(f"issue {identifier}" if identifier.isdigit() else identifier, None)
