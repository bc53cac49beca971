"""What production would have fetched for a rule, answered from the past: never with what is so only today.

Of an issue's events, the one of that moment is asked for. Whom ownership rules suggest, what is linked, and what is
for review show in no history: that stays unknown.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from vedette.api import Sentry
from vedette.api.errors import NotFound
from vedette.events import ApiEvent
from vedette.rules.backtest.activity_changes import moment
from vedette.rules.backtest.downloader import objects
from vedette.rules.backtest.history_store import HistoryStore
from vedette.rules.engine.engine import Subject
from vedette.search import Facts, Source, facts_of_stored_event, source_of

MOST_EVENTS: Final = 20_000
"""Ten minutes of calls at what sentry.io was seen to allow."""
_NEAR: Final = timedelta(seconds=2)
_KEPT_FOR: Final = timedelta(days=90)
"""How far back Sentry looks for events unless told otherwise; most plans keep them no longer."""
_FIRST_RELEASE: Final = "first_release"


@dataclass(slots=True)
class Budget:
    """How many events a trial may ask for; those that it has from an earlier time count too, so the result is the same.

    Attributes:
        most: so many.
        short: how often one was not asked for.
    """

    most: int
    short: int = 0

    def take(self) -> bool:
        """Whether one more may be asked for."""
        if self.most <= 0:
            self.short += 1
            return False
        self.most -= 1
        return True


@dataclass(frozen=True, slots=True)
class HistoricFacts:
    """Answers for one happening.

    Attributes:
        sentry: whom to ask what the history does not have yet; None asks nobody.
        history: where answers are kept.
        at: the moment of the happening.
        born: the moment of the issue's birth.
        asked: counts what production would have asked, by source.
        budget: how many events may be asked for.
    """

    sentry: Sentry | None
    history: HistoryStore
    at: datetime
    born: datetime
    asked: Counter[str]
    budget: "Budget"

    async def more(self, subject: Subject, keys: frozenset[str]) -> Mapping[str, object] | Facts:
        """What the past can tell of these keys."""
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
        """What the event said that was the latest at the time; nothing where it is not kept any more."""
        if not self.budget.take():
            return Facts()
        what = f"event {at.isoformat()}"
        found = await self.history.detail(issue, what)
        if found is None:
            found = await self._ask(issue, at)
            await self.history.add_detail(issue, what, found)
        created = moment(found.get("dateCreated"))
        # Of a birth, only its own event will do: an older one that happened to be left is another.
        if created is None or (at == self.born and abs(created - at) > _NEAR):
            return Facts()
        return facts_of_stored_event(ApiEvent.model_validate(found))

    async def _ask(self, issue: int, at: datetime) -> dict[str, Any]:
        if self.sentry is None:
            return {}
        start = at - (_NEAR if at == self.born else _KEPT_FOR)
        pages = self.sentry.events.list_for_issue(str(issue), start=start, end=at + _NEAR / 2, full=True, page_size=1)
        try:
            answer = await self.sentry.send(pages.call)
        except NotFound:
            return {}
        return next(iter(objects(answer)), dict[str, Any]())
