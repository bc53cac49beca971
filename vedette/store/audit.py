"""The audit: every write that a handler tried, before it left and after it came back, in a chain.

Each entry's hash is taken over the hash before it, so that a changed, removed or slipped-in entry shows. Whoever can
write to Redis could make the whole chain anew: keep the newest hash elsewhere (`vedette audit verify` prints it) and
that shows too.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette.clear_errors import ClearError
from vedette.store.access_keys import AUDIT, AUDIT_HEAD
from vedette.store.client import RedisClient
from vedette.store.scripts import script

_PAGE = 500
_TRIES = 200


class AuditBusyError(ClearError):
    """An entry found no place in the chain."""

    def __init__(self) -> None:
        super().__init__("the audit could not be written for the crowd of others: the write was not sent; try it again")


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit."""

    number: int
    """From 1, without gaps."""
    at: int
    """Unix time in milliseconds."""
    kind: str
    """`write` (a try, before it left), `outcome` (of an earlier one), or `order` (a person paused, approved, undid)."""
    hash: str
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def text(self, name: str) -> str:
        """Return a fact as text; empty where there is none."""
        value = self.facts.get(name)
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Verification:
    """What following the chain has shown."""

    entries: int
    head: str
    """The newest hash; keep it elsewhere."""
    problems: tuple[str, ...]
    expected_found: bool
    """Whether a hash that was asked for is in the chain."""


class Audit:
    """The audit in Redis."""

    def __init__(self, client: RedisClient, age: float) -> None:
        """Prepare.

        Args:
            client: Where it is.
            age: Seconds after which an entry is removed.
        """
        self._client = client
        self._age = round(age * 1000)
        self._append = client.register_script(script("append_audit"))
        self._turn = asyncio.Lock()

    async def append(self, kind: str, facts: Mapping[str, Any]) -> int:
        """Append an entry and return its number.

        Raises:
            AuditBusyError: too many others appended at the same time.
        """
        async with self._turn:
            for _ in range(_TRIES):
                number, last = await self._head()
                at = time.time_ns() // 1_000_000
                entry = json.dumps({"at": at, "kind": kind, **facts}, separators=(",", ":"), sort_keys=True)
                arguments = [last, number + 1, chained(last, number + 1, entry), entry, max(0, at - self._age)]
                if await self._append(keys=[AUDIT, AUDIT_HEAD], args=arguments):
                    return number + 1
        raise AuditBusyError

    async def newest(self) -> AsyncIterator[AuditEntry]:
        """All entries, the newest first."""
        place = "+"
        while page := await self._client.xrevrange(AUDIT, place, "-", count=_PAGE):
            for _, fields in page:
                yield _entry(fields)
            place = f"({page[-1][0].decode()}"

    async def oldest(self) -> AsyncIterator[AuditEntry]:
        """All entries, the oldest first."""
        async for fields in self._fields():
            yield _entry(fields)

    async def get(self, number: int) -> tuple[AuditEntry, AuditEntry | None] | None:
        """A try and its outcome, by the number of the try; None where there is none."""
        outcome: AuditEntry | None = None
        async for entry in self.newest():
            if entry.kind == "outcome" and entry.facts.get("of") == number:
                outcome = entry
            if entry.number == number:
                return entry, outcome
            if entry.number < number:
                break
        return None

    async def verify(self, expected: str = "") -> Verification:
        """Follow the chain and say where it breaks.

        Args:
            expected: A hash that was the newest once, and must still be there.
        """
        head = await self._client.hgetall(AUDIT_HEAD)
        number, last = int(head.get(b"removed", b"0")), head.get(b"removed_hash", b"").decode()
        problems: list[str] = []
        entries, found = 0, expected in {"", last}
        async for fields in self._fields():
            entries += 1
            here = int(fields.get(b"number", b"0"))
            if here != number + 1:
                problems.append(f"entry {number + 1} is missing: after {number} comes {here}")
            text = fields.get(b"entry", b"").decode(errors="replace")
            stated = fields.get(b"hash", b"").decode(errors="replace")
            if chained(last, here, text) != stated and here == number + 1:
                problems.append(f"entry {here} was changed")
            number, last = here, stated
            found = found or stated == expected
        newest = (int(head.get(b"number", b"0")), head.get(b"hash", b"").decode())
        if (number, last) != newest:
            problems.append(f"the newest entry should be {newest[0]}, and is {number}: entries were cut off or added")
        return Verification(entries, newest[1], tuple(problems), found)

    async def _head(self) -> tuple[int, str]:
        head = await self._client.hgetall(AUDIT_HEAD)
        return int(head.get(b"number", b"0")), head.get(b"hash", b"").decode()

    async def _fields(self) -> AsyncIterator[dict[bytes, bytes]]:
        place = "-"
        while page := await self._client.xrange(AUDIT, place, "+", count=_PAGE):
            for _, fields in page:
                yield fields
            place = f"({page[-1][0].decode()}"


def chained(last: str, number: int, entry: str) -> str:
    """The hash of an entry that follows the one with the hash `last`."""
    return hashlib.sha256(f"{last}\n{number}\n{entry}".encode()).hexdigest()


def _entry(fields: Mapping[bytes, bytes]) -> AuditEntry:
    try:
        facts: dict[str, Any] = json.loads(fields.get(b"entry", b"{}"))
    except ValueError:
        # Altered by hand: `verify` names it, and a listing goes on.
        facts = {}
    return AuditEntry(
        number=int(fields.get(b"number", b"0")),
        at=int(facts.pop("at", 0)),
        kind=str(facts.pop("kind", "")),
        hash=fields.get(b"hash", b"").decode(errors="replace"),
        facts=facts,
    )
