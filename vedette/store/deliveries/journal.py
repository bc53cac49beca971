"""The journal: an ordered stream of accepted, decided and ended deliveries, which `vedette up` prints."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from vedette._core.user_error import UserError
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import JOURNAL, JOURNAL_LENGTH

_PAGE = 1000
_SKEW = 60_000
"""Milliseconds."""


@dataclass(frozen=True)
class JournalEntry:
    """One thing that happened."""

    kind: str
    """`accepted` (stored), `decided` (handlers chosen) or `ended` (an attempt of a run)."""
    delivery: str
    name: str
    """`resource.action`."""
    issue: str
    at: int
    """Unix time in milliseconds."""
    since_accepted: int
    """Milliseconds from acceptance to this entry."""
    handler: str = ""
    handlers: int = 0
    """How many handlers were chosen, on `decided`."""
    mode: str = ""
    state: str = ""
    did: tuple[str, ...] = ()
    error: str = ""
    attempts: int = 0
    title: str = ""
    """The title of the issue or event, cropped, on `decided`."""
    effect: str = ""
    """On `ended`, what the attempt brought about; see `Run.effect`."""
    rules: tuple[str, ...] = ()
    """The rules that matched, on `ended`."""
    audit: tuple[int, ...] = ()
    """The numbers of the audit's entries about its writes, on `ended`."""
    place: str = ""
    """Its position in the journal, for `Journal.since`; deliveries that were accepted together share one."""


@dataclass(frozen=True)
class JournalSlice:
    """A part of the journal."""

    entries: list[JournalEntry]
    place: str
    """The place behind the last of them, for the next call."""
    is_complete: bool
    """False when entries behind the place that was asked for are no longer kept."""


class InvalidPlaceError(UserError):
    """A text that is no place in the journal."""

    exit_code = 2

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__("this is no place in the journal: begin again without it")


class _Accepted(msgspec.Struct, array_like=True, frozen=True):
    """A delivery as `accept.lua` writes it down, many in one entry."""

    id: str
    resource: str
    action: str
    issue: str
    at: int
    state: str


_PLACE: Final = re.compile(r"[0-9]{1,15}-[0-9]{1,15}", re.ASCII)
_accepted_in = msgspec.msgpack.Decoder(list[_Accepted]).decode


class Journal:
    """The journal in Redis, read from a place onwards."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._place = "$"

    async def start(self) -> None:
        """Begin behind the last entry that is there now."""
        last = await self._client.xrevrange(JOURNAL, count=1)
        self._place = last[0][0].decode() if last else "0"

    async def newest_place(self) -> str:
        """Return the place of the last entry that is there now."""
        last = await self._client.xrevrange(JOURNAL, count=1)
        return last[0][0].decode() if last else "0-0"

    async def since(self, place: str, *, limit: int = 1000) -> JournalSlice:
        """Return the entries behind a place, the oldest first, so that a reader can continue.

        Args:
            place: The `place` of the last entry that the reader has.
            limit: At most so many groups of entries that share a place.

        Raises:
            InvalidPlaceError: The text is no place.
        """
        if not _PLACE.fullmatch(place):
            raise InvalidPlaceError(place)
        pipeline = self._client.pipeline(transaction=True)
        pipeline.xrange(JOURNAL, f"({place}", "+", limit)
        pipeline.xrange(JOURNAL, "-", "+", 1)
        pipeline.xlen(JOURNAL)
        found, oldest, length = await pipeline.execute()
        entries = [entry for where, fields in found for entry in _entries(fields, where.decode())]
        # A journal that is shorter than its bound has lost nothing yet.
        is_kept = length < JOURNAL_LENGTH or _number_of(oldest[0][0].decode()) <= _number_of(place)
        return JournalSlice(entries, found[-1][0].decode() if found else place, is_kept)

    async def of_delivery(self, delivery: str, since: int) -> list[JournalEntry]:
        """Return the entries about one delivery that are still kept, the oldest first.

        Args:
            delivery: Its id.
            since: When it was accepted, Unix time in milliseconds.
        """
        found: list[JournalEntry] = []
        # The clock of a receiver may be ahead of the server's, which numbers the entries.
        place = str(max(0, since - _SKEW))
        while True:
            page = await self._client.xrange(JOURNAL, place, "+", count=_PAGE)
            found += [
                one for where, fields in page for one in _entries(fields, where.decode()) if one.delivery == delivery
            ]
            if len(page) < _PAGE:
                return found
            place = f"({page[-1][0].decode()}"

    async def follow(self, wait: float) -> list[JournalEntry]:
        """Return the entries since the last call, waiting up to `wait` seconds for the first."""
        answer = await self._client.xread({JOURNAL: self._place}, count=200, block=max(1, int(wait * 1000)))
        entries: list[JournalEntry] = []
        for _, found in answer or []:
            for place, fields in found:
                self._place = place.decode()
                entries += _entries(fields, self._place)
        return entries


def _number_of(place: str) -> tuple[int, int]:
    time, _, sequence = place.partition("-")
    return int(time), int(sequence)


def _entries(fields: Mapping[bytes, bytes], place: str = "") -> list[JournalEntry]:
    packed = fields.get(b"deliveries")
    if packed is None:
        return [_entry({name.decode(): value.decode() for name, value in fields.items()}, place)]
    return [
        JournalEntry(
            *("accepted", known.id, _name(known.resource, known.action), known.issue, known.at, 0),
            state=known.state,
            place=place,
        )
        for known in _accepted_in(packed)
    ]


def _name(resource: str, action: str) -> str:
    return f"{resource}.{action}" if action else resource


def _entry(values: Mapping[str, str], place: str) -> JournalEntry:
    at = int(values.get("at") or 0)
    return JournalEntry(
        kind=values.get("kind", ""),
        delivery=values.get("delivery", ""),
        name=values.get("name", ""),
        issue=values.get("issue", ""),
        at=at,
        since_accepted=at - int(values.get("accepted") or at),
        handler=values.get("handler", ""),
        handlers=int(values.get("handlers") or 0),
        mode=values.get("mode", ""),
        state=values.get("state", ""),
        did=tuple(json.loads(values.get("did") or "[]")),
        error=values.get("error", ""),
        attempts=int(values.get("attempts") or 0),
        title=values.get("title", ""),
        effect=values.get("effect", ""),
        rules=tuple(json.loads(values.get("rules") or "[]")),
        audit=tuple(json.loads(values.get("audit") or "[]")),
        place=place,
    )
