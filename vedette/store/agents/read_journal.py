"""Records each read of agents, in batches: the reads in a stream, and their digest in the chain of the audit.

A read must not cost a round trip of its own. So a process gathers the reads of a second, and a batch that was changed
or removed later shows by the digest. A process that is killed loses the reads of its last second.
"""

import asyncio
import hashlib
import json
import re
import time
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog
from cachetools import TTLCache
from redis.exceptions import RedisError

from vedette._core.user_error import UserError
from vedette.store.access.audit_log import READS, Audit
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import AGENT_READS, CALLS, agent_usage_key
from vedette.store.server.scripts import script

ENTRIES_A_MINUTE: Final = 60
"""Calls of one agent in one process that are not sent and have an entry of their own in the audit."""
_MINUTE: Final = 60.0
_INTERVAL: Final = 1.0
"""Seconds for which reads are gathered."""
READS_KEPT: Final = 30 * 86_400_000
"""Milliseconds for which the single reads are kept; the entry in the audit stays for its own age."""
_BATCH_ID: Final = re.compile(r"[0-9]{1,20}-[0-9]{1,20}")
_MOST: Final = 5000
"""Reads that wait while Redis gives no answer; no more are allowed than can be recorded."""
_LARGEST_BATCH: Final = 500
_LARGEST_TEXT: Final = 64 * 1024 * 1024
"""Bytes of a batch that are unpacked at most."""
_LONGEST: Final = 200
"""Characters of a name or value in a query that are kept."""


class ReadJournalFullError(UserError):
    """Redis takes no records of reads, so that no more reads are allowed."""

    def __init__(self) -> None:
        super().__init__("reads cannot be recorded at the moment, so this one was not made: try again in a minute")


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """One read of an agent."""

    at: int
    """Unix time in milliseconds, by the process's clock."""
    source: str
    """The agent with its client and front."""
    operation: str
    parameters: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    result: str
    """`200`, `narrowed`, or the class of the error."""
    because: str = ""
    unsent: bool = False
    """The call was denied or held back, which `result` says; such calls have entries of their own up to a bound."""


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """Some reads of one agent, as they were stored."""

    agent: str
    digest: str
    """The SHA-256 of the text."""
    text: str
    """The reads, one JSON object a line."""

    @property
    def is_intact(self) -> bool:
        """Return whether the digest is that of the text."""
        return digest_of(self.text) == self.digest


class ReadJournal:
    """The journal of one process."""

    def __init__(self, client: RedisClient, audit: Audit) -> None:
        self._client = client
        self._audit = audit
        self._append = client.register_script(script("agents/append_reads"))
        self._waiting: dict[str, list[ReadRecord]] = {}
        self._writes: Counter[tuple[str, str]] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._entries = TTLCache[str, list[int]](10_000, ttl=_MINUTE)

    def takes_entry(self, agent: str) -> bool:
        """Return whether another call of an agent that is not sent gets an entry of its own in the audit.

        An agent that repeats a denied call could otherwise fill Redis with entries.
        """
        if sum(map(len, self._waiting.values())) >= _MOST:
            return True
        counted = self._entries.get(agent)
        if counted is None:
            # A list, which is changed in place: the minute begins with its first entry.
            counted = self._entries[agent] = [0]
        counted[0] += 1
        return counted[0] <= ENTRIES_A_MINUTE

    def check_room(self) -> None:
        """Check that another read can be recorded.

        Raises:
            ReadJournalFullError: It cannot.
        """
        if sum(map(len, self._waiting.values())) >= _MOST:
            raise ReadJournalFullError

    def note(self, agent: str, record: ReadRecord) -> None:
        """Record a read; it is in Redis within a second or two."""
        self._waiting.setdefault(agent, []).append(record)
        self._start()

    def note_write(self, agent: str, operation: str) -> None:
        """Count a write among the operations that an agent uses; the audit has it already."""
        self._writes[agent, operation] += 1
        self._start()

    async def flush(self) -> None:
        """Write all reads that wait.

        Raises:
            redis.exceptions.RedisError: They could not be written, and still wait.
            UserError: The audit could not be written.
        """
        async with self._turn:
            while self._writes:
                (agent, operation), count = next(iter(self._writes.items()))
                now = round(await server_time(self._client) * 1000)
                await self._client.hincrby(agent_usage_key(agent), operation, count)
                await self._client.hset(agent_usage_key(agent), mapping={"last": now})
                self._writes[agent, operation] -= count
                self._writes += Counter()
            for agent in list(self._waiting):
                while records := self._waiting.get(agent):
                    batch = records[:_LARGEST_BATCH]
                    await self._write(agent, batch)
                    del records[: len(batch)]
                    if not records:
                        self._waiting.pop(agent, None)

    async def aclose(self) -> None:
        """Write all reads that wait, and end the task that does so.

        Raises:
            redis.exceptions.RedisError: They could not be written.
        """
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        try:
            await self.flush()
        except UserError as error:
            structlog.get_logger().error("reads of agents are not in the audit", error=str(error))

    async def find(self, identifier: str) -> ReadBatch | None:
        """Return a batch by its id; None if it is past its age, or was removed."""
        for _, fields in await self._page(identifier):
            agent, digest = (fields.get(name, b"").decode(errors="replace") for name in (b"agent", b"digest"))
            return ReadBatch(agent, digest, _text_of(fields.get(b"reads", b"")))
        return None

    async def _page(self, identifier: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        # The id is from the audit; one that was altered by hand may be none.
        if not _BATCH_ID.fullmatch(identifier):
            return []
        return await self._client.xrange(AGENT_READS, identifier, identifier, count=1)

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._flush_later(), name="read journal")

    async def _flush_later(self) -> None:
        while self._waiting or self._writes:
            await asyncio.sleep(_INTERVAL)
            try:
                await self.flush()
            except (RedisError, UserError) as error:
                structlog.get_logger().warning("reads of agents wait to be recorded", error=type(error).__name__)

    async def _write(self, agent: str, records: Sequence[ReadRecord]) -> None:
        principal = f"agent:{agent}"
        text = "\n".join(json.dumps(asdict(each), separators=(",", ":")) for each in records)
        digest = digest_of(text)
        counted = Counter(each.operation for each in records if not each.unsent)
        packed = zlib.compress(text.encode())
        arguments: list[str | int | bytes] = [agent, digest, packed, READS_KEPT, principal, counted.total()]
        for operation, count in counted.items():
            arguments += [operation, count]
        stored = await self._append(keys=[AGENT_READS, CALLS, agent_usage_key(agent)], args=arguments)
        await self._audit.append(READS, _facts(principal, records, counted, digest, stored.decode()))


def new_record(
    source: str,
    operation: str,
    parameters: Mapping[str, str],
    query: Sequence[tuple[str, str]],
    result: str,
    because: str,
    *,
    unsent: bool = False,
) -> ReadRecord:
    """Return the record of a call that was made now."""
    cropped = tuple((name[:_LONGEST], value[:_LONGEST]) for name, value in query)
    now = round(time.time() * 1000)
    return ReadRecord(now, source, operation, dict(parameters), cropped, result, because, unsent)


def digest_of(text: str) -> str:
    """Return the digest of a batch's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _text_of(packed: bytes) -> str:
    """Return the text of a batch; an empty one if it was altered by hand, which its digest shows."""
    try:
        text = zlib.decompressobj().decompress(packed, _LARGEST_TEXT)
    except zlib.error:
        return ""
    return text.decode(errors="replace")


def _facts(
    principal: str, records: Sequence[ReadRecord], counted: Mapping[str, int], digest: str, stored: str
) -> dict[str, Any]:
    sources = sorted({each.source for each in records})
    unsent = Counter(each.operation for each in records if each.unsent)
    parts = [f"read {_listed(counted)}"] if counted else []
    parts += [f"tried {_listed(unsent)}"] if unsent else []
    return {
        "handler": principal,
        "source": sources[0] if len(sources) == 1 else f"{len(sources)} clients",
        "intent": ", and ".join(parts),
        "decision": "granted"
        if not unsent
        else "granted, and denied or held back"
        if counted
        else "denied or held back",
        "operations": dict(counted),
        "reads": len(records),
        "digest": digest,
        "batch": stored,
    }


def _listed(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}x" if count > 1 else name for name, count in sorted(counted.items()))
