"""Fetches the facts that production would have fetched, from the past and never from the current state.

The event of the time is read. Suggested owners, links and the review state are in no history and so unknown.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from vedette.api import Sentry
from vedette.api.errors import NotFound
from vedette.events import ApiEvent
from vedette.history.activity_changes import moment
from vedette.rules.backtest.downloader import objects
from vedette.rules.backtest.history_store import HistoryStore
from vedette.rules.engine.engine import Subject
from vedette.search import Facts, Source, facts_of_stored_event, source_of

MOST_EVENTS: Final = 20_000
"""Ten minutes of calls at the rate that was observed on sentry.io."""
_NEAR: Final = timedelta(seconds=2)
_KEPT_FOR: Final = timedelta(days=90)
"""Sentry's default for the age of listed events; most plans do not store them for longer."""
_FIRST_RELEASE: Final = "first_release"


@dataclass(slots=True)
class Budget:
    """The number of events that a backtest may read; stored events are counted too, so that results are reproducible.

    Attributes:
        most: The remaining number.
        short: The number of events that were not read.
    """

    most: int
    short: int = 0

    def take(self) -> bool:
        """Return whether one more event may be read, and count it."""
        if self.most <= 0:
            self.short += 1
            return False
        self.most -= 1
        return True


@dataclass(frozen=True, slots=True)
class HistoricFacts:
    """The facts at the time of one event.

    Attributes:
        sentry: The client for events that are not stored yet; None to use stored ones only.
        history: The store for events.
        at: The time.
        born: The time when the issue was created.
        asked: Counts of the calls that production would have made, by source.
        budget: The number of events that may be read.
    """

    sentry: Sentry | None
    history: HistoryStore
    at: datetime
    born: datetime
    asked: Counter[str]
    budget: "Budget"

    async def more(self, subject: Subject, keys: frozenset[str]) -> Mapping[str, object] | Facts:
        """Return the facts that are known for these keys."""
        sources = {source_of(key) for key in keys}
        self.asked.update(source.value for source in sources)
        found = Facts()
        issue = int(subject.issue_id or 0)
        if Source.EVENT in sources:
            found = await self._facts_at(issue, self.at)
        if _FIRST_RELEASE in keys:
            first = await self._facts_at(issue, self.born)
            found = found.with_more({_FIRST_RELEASE: first.get("release")})
        return found

    async def _facts_at(self, issue: int, at: datetime) -> Facts:
        """Return the facts of the event that was the latest at a time; none if it is no longer stored."""
        if not self.budget.take():
            return Facts()
        what = f"event {at.isoformat()}"
        found = await self.history.detail(issue, what)
        if found is None:
            found = await self._fetch(issue, at)
            await self.history.add_detail(issue, what, found)
        created = moment(found.get("dateCreated"))
        # At the creation only the first event is right; another one that is still stored is not.
        if created is None or (at == self.born and abs(created - at) > _NEAR):
            return Facts()
        return facts_of_stored_event(ApiEvent.model_validate(found))

    async def _fetch(self, issue: int, at: datetime) -> dict[str, Any]:
        if self.sentry is None:
            return {}
        start = at - (_NEAR if at == self.born else _KEPT_FOR)
        pages = self.sentry.events.list_for_issue(str(issue), start=start, end=at + _NEAR / 2, full=True, page_size=1)
        try:
            answer = await self.sentry.send(pages.call)
        except NotFound:
            return {}
        return next(iter(objects(answer)), dict[str, Any]())
