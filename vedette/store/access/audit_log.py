"""The audit: every write that a principal tried, before it left and after it came back, in a chain.

Each entry's hash is taken over the hash before it, so that a changed, removed or slipped-in entry shows (see
`audit_chain.py`). Times are the server's: entries are removed by its clock alone, and never before their age.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vedette.store.access.audit_appender import AuditAppender
from vedette.store.access.audit_chain import ChainCheck, KeptEntry, Verification, facts_of_text
from vedette.store.server.client import RedisClient, Value
from vedette.store.server.keys import AUDIT, AUDIT_HEAD, CALLS, PREFIX
from vedette.store.server.scripts import audit_script, pairs, run_script, script

READS = "reads"
"""The kind of entries that are about a batch of an agent's reads."""
_PAGE = 500
_FOLLOWED = 4
"""How often the chain is followed again where entries went for their age before they were read."""


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit."""

    number: int
    """From 1, without gaps."""
    at: int
    """Unix time in milliseconds, by the server's clock."""
    kind: str
    """`call` (before it is sent), `outcome` (of an earlier call), `reads` (a batch of an agent's reads), or `order` (a
    person paused, approved, undid)."""
    hash: str
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def text(self, name: str) -> str:
        """Return a fact as text; empty where there is none."""
        value = self.facts.get(name)
        return "" if value is None else str(value)


class Audit:
    """The audit in Redis."""

    def __init__(self, client: RedisClient, age: float) -> None:
        """Prepare.

        Args:
            client: Redis.
            age: Seconds after which an entry is removed.
        """
        self._client = client
        self._age = round(age * 1000)
        self._append = client.register_script(audit_script("access/append_audit"))
        self._get = client.register_script(f"{run_script('access/_audit_index')}\n{script('search/get_audit')}")
        self.appender = AuditAppender(age)
        """The end of the chain that this process appends to, for the scripts that append with other steps."""

    async def append(self, kind: str, facts: Mapping[str, Any], *, counter: str = "") -> int:
        """Append an entry and return its number.

        Args:
            kind: The kind of the entry.
            facts: Its facts, which JSON can hold.
            counter: The counter of calls to raise with it, as `WriteBudgets.count` names it; empty for none.

        Raises:
            AuditBusyError: Too many others appended at the same time.
            UnreadableAuditError: The newest entry's number was altered.
        """

        async def append(entry: Sequence[Value]) -> Any:
            return await self._append(keys=[AUDIT, AUDIT_HEAD, CALLS], args=[*entry, counter])

        return await self.appender.append(append, kind, facts)

    async def head(self) -> KeptEntry | None:
        """Return the newest entry, to be kept elsewhere; None where there is none.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        page = await self._client.xrevrange(AUDIT, "+", "-", count=1)
        if not page:
            return None
        entry = read_entry(page[0][1])
        return KeptEntry(entry.number, entry.at, entry.hash)

    async def newest(self) -> AsyncIterator[AuditEntry]:
        """All entries, the newest first."""
        place = "+"
        while page := await self._client.xrevrange(AUDIT, place, "-", count=_PAGE):
            for _, fields in page:
                yield read_entry(fields)
            place = f"({page[-1][0].decode()}"

    async def oldest(self) -> AsyncIterator[AuditEntry]:
        """All entries, the oldest first."""
        place = "-"
        while page := await self._client.xrange(AUDIT, place, "+", count=_PAGE):
            for _, fields in page:
                yield read_entry(fields)
            place = f"({page[-1][0].decode()}"

    async def get(self, number: int) -> tuple[AuditEntry, AuditEntry | None] | None:
        """Return a try and its outcome, by the number of the try; None where there is none."""
        entry, outcome = await self._get(keys=[PREFIX], args=[number])
        return (read_entry(pairs(entry)), read_entry(pairs(outcome)) if outcome else None) if entry else None

    async def verify(self, expected: str = "") -> Verification:
        """Follow the chain and report its breaks.

        Args:
            expected: The newest entry of an earlier time as `verify` gave it: it must still be there unless it is
                past its age. A hash alone has no age, and must be there.

        Raises:
            UnreadableKeptEntryError: The expected text is no entry.
        """
        kept = KeptEntry.read(expected) if expected else None
        found, is_settled = await self._follow(kept)
        for _ in range(_FOLLOWED):
            if is_settled or not found.problems:
                break
            found, is_settled = await self._follow(kept)
        return found

    async def _follow(self, kept: KeptEntry | None) -> tuple[Verification, bool]:
        """Follow the chain; also return whether no entry was removed for its age meanwhile."""
        before, page, now = await self._begin()
        check = ChainCheck(before, now, self._age, kept)
        place = "-"
        while True:
            while page:
                for _, fields in page:
                    check.follow(fields)
                place = f"({page[-1][0].decode()}"
                page = await self._client.xrange(AUDIT, place, "+", count=_PAGE)
            head = await self._client.hgetall(AUDIT_HEAD)
            # Others append meanwhile: entries since the last page have to be followed too.
            page = [] if check.has_reached(head) else await self._client.xrange(AUDIT, place, "+", count=_PAGE)
            if not page:
                return check.end(head), head.get(b"removed") == before.get(b"removed")

    async def _begin(self) -> "tuple[dict[bytes, bytes], list[Any], int]":
        """Read head and first page at one moment, so that a removal in between is not taken for a gap."""
        pipeline = self._client.pipeline(transaction=True)
        pipeline.hgetall(AUDIT_HEAD)
        pipeline.xrange(AUDIT, "-", "+", count=_PAGE)
        pipeline.time()
        head, page, time = await pipeline.execute()
        return head, page, int(time[0]) * 1000 + int(time[1]) // 1000


def read_entry(fields: Mapping[bytes, bytes]) -> AuditEntry:
    """Read an entry as the stream holds it."""
    # One that was altered by hand shows as empty: `verify` names it, and a listing continues.
    facts = facts_of_text(fields.get(b"entry", b"").decode(errors="replace"))
    number, at = fields.get(b"number", b"").decode(errors="replace"), facts.pop("at", 0)
    return AuditEntry(
        number=int(number) if number.isascii() and number.isdigit() else 0,
        at=at if isinstance(at, int) else 0,
        kind=str(facts.pop("kind", "")),
        hash=fields.get(b"hash", b"").decode(errors="replace"),
        facts=facts,
    )
