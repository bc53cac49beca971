"""Sends new rows to one browser as server-sent events, at the pace at which it reads.

A browser that reads slowly, or not at all, is sent less, and costs nothing in the meantime: each message is made when
the one before it has left, from the newest state of each delivery.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import StreamingResponse

from console.web.live.hub import LiveHub
from console.web.live.views import LiveView
from vedette.store.deliveries.journal import JournalEntry
from vedette.store.server.retrying import REDIS_ERRORS

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

PACE: Final = 0.15
"""Seconds between two messages."""
MOST_ROWS: Final = 60
"""Rows of one view in a message."""
MOST_VIEWS: Final = 8
"""Views that one stream serves."""
_HEARTBEAT: Final = 15.0
_STATS_EVERY: Final = 1.0
_CHECK_EVERY: Final = 30.0
_RETRY: Final = 2000
"""Milliseconds after which a browser connects again."""

Stats = Callable[[], Awaitable[str]]


class LiveStream:
    """One stream."""

    def __init__(
        self,
        hub: LiveHub,
        views: Sequence[LiveView],
        place: str,
        *,
        stats: Stats,
        is_signed_in: Callable[[], Awaitable[bool]],
    ) -> None:
        """Prepare.

        Args:
            hub: Follows the journal.
            views: The views that the browser shows, in its order.
            place: The place of the journal that it knows.
            stats: Renders the counters.
            is_signed_in: Returns whether its session is still in force.

        Raises:
            TooManyStreamsError: There are as many as there may be.
        """
        self._hub = hub
        self._views = views
        self._place = place
        self._stats = stats
        self._is_signed_in = is_signed_in
        self._event = hub.register()
        self._sent_stats = ""
        self._stats_at = self._checked = self._sent_at = time.monotonic()
        self._said_away = False

    def close(self) -> None:
        """Stop waiting for news."""
        self._hub.unregister(self._event)

    async def messages(self) -> AsyncGenerator[str]:
        """Yield events until the console ends, or the session does."""
        yield f"retry: {_RETRY}\n" + _event("hello", {"place": self._place}, self._place)
        while True:
            is_new = await self._wait()
            if self._hub.is_closing:
                yield _event("bye", {})
                return
            if time.monotonic() - self._checked > _CHECK_EVERY and not await self._still_signed_in():
                yield _event("signed-out", {})
                return
            sent = False
            if is_new:
                for message in await self._news():
                    sent = True
                    yield message
            if message := await self._stats_message():
                sent = True
                yield message
            if sent:
                self._sent_at = time.monotonic()
            elif time.monotonic() - self._sent_at > _HEARTBEAT:
                self._sent_at = time.monotonic()
                yield ": waiting\n\n"
            await asyncio.sleep(PACE)

    async def _wait(self) -> bool:
        """Wait for news, or for the time of the counters; return whether there are news."""
        try:
            await asyncio.wait_for(self._event.wait(), _STATS_EVERY)
        except TimeoutError:
            return False
        self._event.clear()
        return True

    async def _still_signed_in(self) -> bool:
        self._checked = time.monotonic()
        try:
            return await self._is_signed_in()
        except REDIS_ERRORS:
            return True

    async def _news(self) -> list[str]:
        if self._hub.away_since is not None:
            self._said_away = True
            return [_event("away", {"since": round(self._hub.away_since * 1000)})]
        try:
            found = await self._hub.since(self._place)
            if found is None:
                self._place = await self._hub.last_place()
                return [_event("reload", {}, self._place)]
            entries, place = found
            message = await self._rows(entries, place)
        except REDIS_ERRORS:
            return []
        self._place = place
        if self._hub.is_behind(place):
            self._event.set()
        back = [_event("back", {})] if self._said_away else []
        self._said_away = False
        return [*back, *([message] if message else [])]

    async def _rows(self, entries: Sequence[JournalEntry], place: str) -> str:
        """Return the message with the newest state of each delivery that a view shows; empty for none."""
        chosen: list[list[str]] = []
        more: list[int] = []
        for view in self._views:
            newest = dict.fromkeys(one.delivery for one in reversed(entries) if view.wants(one))
            chosen.append(list(newest)[:MOST_ROWS][::-1])
            more.append(max(0, len(newest) - MOST_ROWS))
        wanted = dict.fromkeys(one for ids in chosen for one in ids)
        if not wanted:
            return ""
        rows = await self._hub.rows(wanted)
        facts = {"rows": rows, "views": [[one for one in ids if one in rows] for ids in chosen], "more": more}
        return _event("rows", facts, place)

    async def _stats_message(self) -> str:
        now = time.monotonic()
        if self._sent_stats and now - self._stats_at < _STATS_EVERY:
            return ""
        self._stats_at = now
        try:
            stats = await self._stats()
        except REDIS_ERRORS:
            return ""
        if stats == self._sent_stats:
            return ""
        self._sent_stats = stats
        return _event("stats", {"html": stats})


class StreamResponse(StreamingResponse):
    """The response of a stream; it ends when the browser disconnects."""

    def __init__(self, stream: LiveStream) -> None:
        """Send a stream."""
        headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
        super().__init__(stream.messages(), media_type="text/event-stream", headers=headers)
        self._stream = stream

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Send events until the browser has gone."""
        del scope
        sending = asyncio.ensure_future(self.stream_response(send))
        gone = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stream.close()
            for task in (sending, gone):
                task.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)


def _event(name: str, facts: dict[str, Any], place: str = "") -> str:
    """Return one event; JSON has no line breaks that would end it."""
    identifier = f"id: {place}\n" if place else ""
    return f"{identifier}event: {name}\ndata: {json.dumps(facts)}\n\n"
