"""The journal: an ordered stream of accepted, decided and ended deliveries, which `vedette up` prints."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import JOURNAL


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


class _Accepted(msgspec.Struct, array_like=True, frozen=True):
    """A delivery as `accept.lua` writes it down, many in one entry."""

    id: str
    resource: str
    action: str
    issue: str
    at: int
    state: str


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

    async def follow(self, wait: float) -> list[JournalEntry]:
        """Return the entries since the last call, waiting up to `wait` seconds for the first."""
        answer = await self._client.xread({JOURNAL: self._place}, count=200, block=max(1, int(wait * 1000)))
        entries: list[JournalEntry] = []
        for _, found in answer or []:
            for place, fields in found:
                self._place = place.decode()
                entries += _entries(fields)
        return entries


def _entries(fields: Mapping[bytes, bytes]) -> list[JournalEntry]:
    packed = fields.get(b"deliveries")
    if packed is None:
        return [_entry({name.decode(): value.decode() for name, value in fields.items()})]
    return [
        JournalEntry(
            "accepted", known.id, _name(known.resource, known.action), known.issue, known.at, 0, state=known.state
        )
        for known in _accepted_in(packed)
    ]


def _name(resource: str, action: str) -> str:
    return f"{resource}.{action}" if action else resource


def _entry(values: Mapping[str, str]) -> JournalEntry:
    at = int(values.get("at") or 0)
    return JournalEntry(
        kind=values.get("kind", ""),
        delivery=values.get("delivery", ""),
        name=_name(values.get("resource", ""), values.get("action", "")),
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
    )
