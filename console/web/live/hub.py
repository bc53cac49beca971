"""Follows the journal once for all streams of a process, and keeps its newest entries and rows."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from console.web.counters import Counters, read_counters
from console.web.delivery_rows import make_row
from vedette.admin.deliveries import get_deliveries
from vedette.store.deliveries.journal import InvalidPlaceError, Journal, JournalEntry
from vedette.store.server.retrying import REDIS_ERRORS

if TYPE_CHECKING:
    from console.web.container import ConsoleServices

MOST_STREAMS: Final = 50
"""Streams that a process serves."""
_KEPT: Final = 4000
"""Entries of the journal that are kept for streams which read a little later."""
_ROWS: Final = 1000
"""Rendered rows that are kept for other streams."""
_WAIT: Final = 1.0
_COUNT: Final = 1000
_COUNT_EVERY: Final = 1.0


class TooManyStreamsError(Exception):
    """A process serves as many streams as it may."""


class LiveHub:
    """The newest entries of the journal, and the streams that wait for more."""

    def __init__(self, services: "ConsoleServices") -> None:
        self._services = services
        self._journal = Journal(services.redis)
        self._entries: deque[JournalEntry] = deque(maxlen=_KEPT)
        self._rows: dict[str, tuple[tuple[int, int], str]] = {}
        self._changed_at: dict[str, tuple[int, int]] = {}
        self._waiting: set[asyncio.Event] = set()
        self._wanted = asyncio.Event()
        self._place: str | None = None
        self._counters: Counters | None = None
        self._counted_at = -_COUNT_EVERY
        self.away_since: float | None = None
        """When Redis last answered, as Unix time, while it does not."""
        self.is_closing = False

    @property
    def streams(self) -> int:
        """The number of streams."""
        return len(self._waiting)

    def register(self) -> asyncio.Event:
        """Return an event that is set whenever something is new; `unregister` ends that.

        Raises:
            TooManyStreamsError: There are as many as there may be.
        """
        if len(self._waiting) >= MOST_STREAMS:
            raise TooManyStreamsError
        event = asyncio.Event()
        event.set()
        self._waiting.add(event)
        self._wanted.set()
        return event

    def unregister(self, event: asyncio.Event) -> None:
        """Forget a stream."""
        self._waiting.discard(event)
        if not self._waiting:
            self._wanted.clear()

    def close(self) -> None:
        """Let all streams end."""
        self.is_closing = True
        self._notify()

    async def run(self) -> None:
        """Follow the journal while there are streams, until cancelled."""
        while True:
            if not self._wanted.is_set():
                self._forget()
                await self._wanted.wait()
            try:
                if self._place is None:
                    await self._journal.start()
                    self._place = await self._journal.newest_place()
                found = await self._journal.follow(_WAIT)
            except REDIS_ERRORS:
                self._note_absence()
                await asyncio.sleep(_WAIT)
                continue
            if self.away_since is not None:
                self.away_since = None
                self._notify()
            if found:
                self._take(found)

    async def since(self, place: str) -> tuple[list[JournalEntry], str] | None:
        """Return the entries after a place, and the place of the last one; None if older ones are gone.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        kept = self._entries
        key = place_key(place)
        if kept and place_key(kept[0].place) <= key:
            newest = takewhile(lambda entry: place_key(entry.place) > key, reversed(kept))
            found = list(newest)[::-1]
            return found, found[-1].place if found else place
        try:
            found = await self._journal.since(place, limit=_COUNT)
        except InvalidPlaceError:
            return None
        return (found.entries, found.place) if found.is_complete else None

    def is_behind(self, place: str) -> bool:
        """Return whether there are entries after a place."""
        return self._place is not None and place_key(place) < place_key(self._place)

    async def last_place(self) -> str:
        """Return the place of the newest entry."""
        return await self._journal.newest_place()

    async def rows(self, deliveries: Iterable[str]) -> dict[str, str]:
        """Return the rendered rows of deliveries; those that were removed are left out.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        wanted = list(deliveries)
        stale = [
            one for one in wanted if one not in self._rows or self._rows[one][0] < self._changed_at.get(one, _OLDEST)
        ]
        versions = {one: self._changed_at.get(one, _OLDEST) for one in stale}
        template = self._services.environment.get_template("_row.html")
        for found in await get_deliveries(self._services.admin_session(""), stale):
            row = make_row(found.delivery, found.runs)
            self._rows[row.id] = versions[row.id], template.render(row=row)
        answer = {one: self._rows[one][1] for one in wanted if one in self._rows}
        while len(self._rows) > _ROWS:
            del self._rows[next(iter(self._rows))]
        return answer

    async def counters(self) -> Counters | None:
        """Return the counters, read at most once a second for all streams.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        now = time.monotonic()
        if now - self._counted_at >= _COUNT_EVERY:
            self._counted_at = now
            self._counters = await read_counters(self._services.admin_session(""))
        return self._counters

    def _take(self, found: list[JournalEntry]) -> None:
        self._entries.extend(found)
        self._place = found[-1].place
        for entry in found:
            self._changed_at.pop(entry.delivery, None)
            self._changed_at[entry.delivery] = place_key(entry.place)
        while len(self._changed_at) > _KEPT:
            del self._changed_at[next(iter(self._changed_at))]
        self._notify()

    def _note_absence(self) -> None:
        if self.away_since is None:
            self.away_since = time.time()
            self._notify()

    def _notify(self) -> None:
        for event in self._waiting:
            event.set()

    def _forget(self) -> None:
        self._place = None
        self._entries.clear()
        self._rows.clear()
        self._changed_at.clear()


_OLDEST: Final = (0, 0)


def place_key(place: str) -> tuple[int, int]:
    """Return a place of the journal in a form that can be compared; the oldest one for a text that is none."""
    first, _, second = place.partition("-")
    if not first.isascii() or not first.isdigit() or (second and not (second.isascii() and second.isdigit())):
        return _OLDEST
    return int(first[:20]), int(second[:20] or 0)
