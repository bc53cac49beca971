"""Reads the issues that a sweep looks at, and the history of those that changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from vedette._core.bounded_gather import for_each
from vedette._core.json_values import json_object
from vedette._core.progress import Progress
from vedette.api.errors import Forbidden, NotAuthorized, NotFound
from vedette.history.activity_changes import moment
from vedette.reconcile.pictures import Picture, Pictures, picture_of
from vedette.reconcile.polls import BATCH, Polls, Row
from vedette.reconcile.scope import SweepScope, enabled_events
from vedette.settings.reconcile import ReconcileSettings

LIST_AGAIN: Final = timedelta(days=1)
"""The time after which all issues with events are listed again, so that each of them is known."""
_BATCHES: Final = 20
"""Batches of known issues that a sweep reads at least; of more, it reads a tenth, those first that waited longest."""
_TENTH: Final = 10
_DETAILS_AT_ONCE: Final = 5
"""Single issues that are read at the same time: Sentry's limit is 5 a second."""


@dataclass(slots=True)
class Examination:
    """The reading part of one sweep, and its results.

    Attributes:
        polls: The calls.
        pictures: The pictures of known issues.
        settings: The settings of sweeps.
        scope: The part of the past.
        progress: The display of progress.
        old: The pictures of the previous sweep.
        rows: The issues as lists show them now.
        created: The ids of those that were created in the window.
        details: The issues with the history that was read.
        gone: The issues that were deleted, or merged into others.
        failed: Webhooks that Sentry's log has as failed and that cannot be rebuilt, by event.
        listed: The time when all issues with events were listed, if they were.
    """

    polls: Polls
    pictures: Pictures
    settings: ReconcileSettings
    scope: SweepScope
    progress: Progress
    old: dict[str, Picture] = field(default_factory=dict[str, Picture])
    rows: dict[str, Row] = field(default_factory=dict[str, Row])
    created: dict[str, Row] = field(default_factory=dict[str, Row])
    details: dict[str, Row] = field(default_factory=dict[str, Row])
    gone: set[str] = field(default_factory=set[str])
    failed: Counter[str] = field(default_factory=Counter[str])
    listed: datetime | None = None

    async def read(self, begins: datetime, app: str, listed: datetime | None) -> None:
        """Read everything.

        Args:
            begins: The begin of the window.
            app: The slug of the integration in Sentry; empty if it is not known.
            listed: When all issues with events were last listed.

        Raises:
            SentryError: Sentry refused a call, or failed for too long.
        """
        self.old = await self.pictures.all()
        self.created = _by_id(await self.polls.created_since(begins))
        reopened = _by_id(await self.polls.reopened_since(begins))
        again = {issue for issue, row in reopened.items() if _is_new_in_inbox(row, begins)}
        self.rows = self.created | reopened
        if self.listed_too_long_ago(listed):
            watched = self.polls.now - timedelta(seconds=self.settings.watch)
            self.rows |= _by_id(await self.polls.seen_since(watched))
            self.listed = self.polls.now
        named = await self.pictures.named_since(begins) | await self._failed_issues(app, begins)
        await self._read_known(named)
        wanted = [issue for issue in self.rows if self._is_changed(issue, named | reopened.keys()) or issue in again]
        await self._read_details(wanted)

    def listed_too_long_ago(self, listed: datetime | None) -> bool:
        """Return whether to list all issues with events."""
        return listed is None or self.polls.now - listed >= LIST_AGAIN

    async def _read_known(self, named: frozenset[str]) -> None:
        """Read known issues again, those first that were not read for the longest time."""
        known = sorted(self.old.keys() - self.rows.keys(), key=lambda issue: self.old[issue].looked)
        most = max(_BATCHES * BATCH, -(-len(known) // _TENTH)) if self.scope.since is None else len(known)
        wanted = [*sorted(named - self.rows.keys() - self.old.keys()), *known[:most]]
        for start in range(0, len(wanted), BATCH):
            self.rows |= _by_id(await self.polls.read_again(wanted[start : start + BATCH]))
            self.progress.step("issues read", min(start + BATCH, len(wanted)), len(wanted))
        self.gone |= {issue for issue in wanted if issue not in self.rows}

    async def _failed_issues(self, app: str, begins: datetime) -> frozenset[str]:
        """Return the issues of webhooks that Sentry's log has as failed, and count those that cannot be rebuilt."""
        if not app:
            return frozenset()
        try:
            failures = await self.polls.failures_since(app, begins)
        except (Forbidden, NotAuthorized, NotFound):
            # The token may lack the scope of the log, which only adds what nothing rebuilds.
            return frozenset()
        rebuilt = {*self.settings.kinds, *(name.partition(".")[0] for name in enabled_events(self.settings))}
        self.failed = Counter(one.event_type for one in failures if one.event_type.partition(".")[0] not in rebuilt)
        return frozenset(one.subject_id for one in failures if one.subject_type == "issue" and one.subject_id)

    def _is_changed(self, issue: str, named: frozenset[str]) -> bool:
        """Return whether the history of an issue has to be read.

        Args:
            issue: The issue's id.
            named: Issues that deliveries, the log of failures or the list of reopened issues name.
        """
        old, picture = self.old.get(issue), picture_of(self.rows[issue], self.polls.now)
        is_touched = not picture.is_untouched(is_young=issue in self.created)
        if self.scope.since is not None:
            # Pictures are of the last sweep: earlier events are in the history alone.
            return is_touched
        if old is not None:
            return old.differs(picture)
        return is_touched if issue in self.created else issue in named

    async def _read_details(self, issues: Sequence[str]) -> None:
        done = 0

        async def read(issue: str) -> None:
            nonlocal done
            row = await self.polls.detail(issue)
            if row is None:
                self.gone.add(issue)
            else:
                self.details[issue] = row
            done += 1
            self.progress.step("histories read", done, len(issues))

        await for_each(issues, read, at_once=_DETAILS_AT_ONCE)

    async def keep_pictures(self, waiting: frozenset[str]) -> None:
        """Store what issues are like now, and forget those that are gone or quiet.

        Args:
            waiting: The issues of which the next sweep has to read the history again.
        """
        now = self.polls.now
        found: dict[str, Picture] = {}
        for issue, row in (self.rows | self.details).items():
            picture = picture_of(row, now).with_activity_of(self.old.get(issue))
            if issue not in waiting:
                found[issue] = picture
            elif issue not in self.old:
                found[issue] = picture.outdated()
        await self.pictures.write(found)
        quiet = {issue for issue, one in (self.old | found).items() if one.is_quiet(now, self.settings.watch)}
        await self.pictures.forget(self.gone | (quiet - waiting))


def _is_new_in_inbox(row: Row, begins: datetime) -> bool:
    added = moment(json_object(row.get("inbox")).get("date_added"))
    return added is not None and added >= begins


def _by_id(rows: Sequence[Row]) -> dict[str, Row]:
    # Without the date of its creation nothing can be said about an issue.
    return {str(row["id"]): row for row in rows if moment(row.get("firstSeen")) is not None}
