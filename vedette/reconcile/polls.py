"""Reads what webhooks would have reported from Sentry: lists of issues, known issues in batches, and single issues.

Sentry has no feed of changes (getsentry/sentry#74587 removed it), and a list shows no date of the last change. So lists
find what events cause, and known issues are read again for what people do. All calls have the lowest priority.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from vedette._core.json_values import json_list, json_object
from vedette.api import OPERATIONS, Call, Lane, Sentry
from vedette.api.errors import NotFound
from vedette.api.models import WebhookRequest
from vedette.api.paging import next_cursor

Row = dict[str, Any]
"""An issue as the API shows it."""
BATCH: Final = 100
"""Issues of one call: the largest page of Sentry's issue list."""
_COLLAPSED: Final = ("stats", "lifetime", "filtered")
"""Additions of lists that no webhook has, and that cost Sentry the most."""
_REOPENED: Final = ("regressed", "escalating")
_MARGIN: Final = timedelta(hours=1)
"""Time after now up to which lists are read, so that a clock that is behind leaves out nothing."""


@dataclass(frozen=True, slots=True)
class Polls:
    """The calls of one sweep.

    Attributes:
        sentry: The client.
        now: The time at which the sweep began.
        projects: The slugs of the projects that are read; none for all.
    """

    sentry: Sentry
    now: datetime
    projects: tuple[str, ...] = ()

    async def created_since(self, begins: datetime) -> list[Row]:
        """Return the issues with a first event at that time or later, the newest first: one call per 100."""
        return [row async for row in self._search(f"firstSeen:>={_date(begins)}", "new", begins)]

    async def reopened_since(self, begins: datetime) -> list[Row]:
        """Return the issues that came back by an event at that time or later: two calls, and one per 100 more.

        Each has the date at which it came into the inbox, if Sentry shows it: one that came back twice looks as before.
        """
        found: list[Row] = []
        for state in _REOPENED:
            query = f"is:{state} lastSeen:>={_date(begins)}"
            found += [row async for row in self._search(query, "date", begins, expand=("inbox",))]
        return found

    async def seen_since(self, begins: datetime) -> list[Row]:
        """Return the issues with an event at that time or later: one call per 100."""
        return [row async for row in self._search(f"lastSeen:>={_date(begins)}", "date", begins)]

    async def read_again(self, issues: Sequence[str]) -> list[Row]:
        """Return the current state of known issues; those that are gone are missing. One call per 100.

        Sentry reads `group` alone then, and neither query nor paging (`organization_group_index.py`).
        """
        found: list[Row] = []
        for start in range(0, len(issues), BATCH):
            call = self._list_call(query="", group=issues[start : start + BATCH], limit=BATCH)
            found += _objects((await self.sentry.send(call)).body)
        return found

    async def detail(self, issue: str) -> Row | None:
        """Return an issue with its last 100 activities; None if it was deleted, or merged into another."""
        parameters = {"organization_id_or_slug": self.sentry.organization, "issue_id": issue}
        query = tuple(("collapse", name) for name in ("stats", "tags", "release"))
        try:
            answer = await self.sentry.send(
                Call(OPERATIONS["issues.get"], parameters, query, lane=Lane.BACKFILL, issue=issue)
            )
        except NotFound:
            return None
        body: object = answer.body
        found = json_object(body)
        return found if str(found.get("id")) == issue else None

    async def failures_since(self, app: str, begins: datetime) -> list[WebhookRequest]:
        """Return the webhooks that Sentry's log has as failed, at most the newest 100: one call.

        Args:
            app: The slug of the integration.
            begins: The earliest time.
        """
        sentry = self.sentry.view(lane=Lane.BACKFILL)
        return await sentry.apps.webhook_requests(app, errors_only=True, start=begins)

    async def _search(
        self, query: str, sort: str, begins: datetime, expand: tuple[str, ...] = ()
    ) -> AsyncIterator[Row]:
        call = self._list_call(
            query=query,
            sort=sort,
            limit=BATCH,
            start=_naive(begins),
            end=_naive(self.now + _MARGIN),
            project=self.projects,
            expand=expand,
        )
        seen: set[str] = set()
        cursors: set[str] = set()
        page = call
        while True:
            answer = await self.sentry.send(page)
            for row in _objects(answer.body):
                if (identifier := str(row.get("id"))) not in seen:
                    seen.add(identifier)
                    yield row
            cursor = next_cursor(answer.header("Link"))
            if cursor is None or cursor in cursors:
                return
            cursors.add(cursor)
            page = replace(call, query=(*call.query, ("cursor", cursor)))

    def _list_call(self, **query: Any) -> Call:
        """Return a call of the issue list; an empty query finds issues of every status."""
        limit, group = query.pop("limit"), query.pop("group", ())
        call = self.sentry.issues.search(page_size=limit, collapse=_COLLAPSED, **query).call
        return replace(call, query=(*call.query, *(("group", issue) for issue in group)), lane=Lane.BACKFILL)


def _objects(body: object) -> list[Row]:
    rows = [json_object(each) for each in json_list(body) if isinstance(each, dict)]
    return [row for row in rows if isinstance(row.get("id"), str)]


def _naive(moment: datetime) -> datetime:
    # Sentry reads a date without offset as UTC, and not every version reads one with an offset.
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _date(moment: datetime) -> str:
    return _naive(moment).isoformat()
