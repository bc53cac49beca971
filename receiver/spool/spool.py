"""The spool: what Redis does not take is kept on this machine's disk until it does.

A record is on the disk before its delivery is answered. Files that an earlier process left behind, ended or killed, are
taken over at the next start, and while running too, since several receivers may share one folder.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from receiver.ingest.record import IncomingDelivery, decode_record, encode_record
from receiver.spool.disk import DiskThread
from receiver.spool.record_format import frame, frame_size
from receiver.spool.segment import Segment, segments_in
from receiver.spool.writer import SpoolFile, SpoolRefusedError, SpoolWriter

_Result = TypeVar("_Result")
_MAX_DESCRIBED = 10
_PROBING = 60.0
_PROBING_BROKEN = 2.0


@dataclass(frozen=True)
class SpoolStatus:
    """The spool at one moment."""

    state: str
    """`empty`, `holding`, `full` or `broken`."""
    records: int
    bytes: int
    limit: int
    age: float
    """Seconds since the oldest record was accepted."""
    problem: str
    skipped: tuple[str, ...] = ()
    """Entries of the folder that could not be opened or read, and why; their deliveries stay on the disk."""

    @property
    def takes(self) -> bool:
        """Whether another record would probably be taken."""
        return self.state in {"empty", "holding"}

    def to_dict(self) -> dict[str, object]:
        """Return it as JSON shows it."""
        return asdict(self)


class SkippedEntries:
    """Entries of the spool's folder that could not be opened, read or removed."""

    def __init__(self) -> None:
        self._problems: dict[Path, str] = {}

    def add(self, path: Path, problem: str) -> None:
        """Record an entry, and log it unless the same problem was logged before."""
        if self._problems.get(path) != problem:
            log = structlog.stdlib.get_logger(__name__)
            log.error("spool entry skipped: its deliveries stay on the disk", file=str(path), problem=problem)
        self._problems[path] = problem

    def update(self, found: Collection[Path], problems: Mapping[Path, str]) -> None:
        """Record the problems of the entries that were found, and forget entries that are gone."""
        for path in [path for path in self._problems if path not in found]:
            del self._problems[path]
        for path, problem in problems.items():
            self.add(path, problem)

    def describe(self) -> tuple[str, ...]:
        """Describe the first ten, and count the others."""
        texts = [f"{path.name}: {problem}" for path, problem in sorted(self._problems.items())]
        more = len(texts) - _MAX_DESCRIBED
        return (*texts[:_MAX_DESCRIBED], *([f"and {more} more"] if more > 0 else []))

    def __len__(self) -> int:
        return len(self._problems)


class Spool:
    """Takes deliveries, and gives them back in order."""

    def __init__(self, folder: Path, *, limit: int, segment_limit: int, timeout: float) -> None:
        """Describe it; nothing is touched before `open`.

        Args:
            folder: Where its files lie.
            limit: How many bytes they may hold together.
            segment_limit: The size at which a new file is begun.
            timeout: How long the disk may take over one thing before answers wait no longer, in seconds.
        """
        self._folder = folder
        self._limit = limit
        self._thread = DiskThread()
        self.filled = asyncio.Event()
        """Set while there may be something to give back."""
        self._writer = SpoolWriter(
            folder, self._thread, segment_limit=segment_limit, timeout=timeout, on_written=self.filled.set
        )
        self._full = False
        self._skipped = SkippedEntries()

    async def open(self) -> None:
        """Make the folder, try the disk, and take over what is there."""
        await self._writer.probe()
        await self.adopt()

    async def keep_probing(self) -> None:
        """Try the disk once a minute, and every other second while it takes nothing; ends only when it is cancelled."""
        while True:
            await asyncio.sleep(_PROBING_BROKEN if self._writer.problem else _PROBING)
            await self._writer.probe()

    async def adopt(self) -> None:
        """Take over the files of processes that are gone; one that cannot be opened does not hold up the others."""
        own = {part.segment.path for part in self._writer.parts()}
        problems: dict[Path, str] = {}
        try:
            found = await self._in_thread(partial(segments_in, self._folder))
        except OSError:  # the probe says so
            return
        for path in found:
            try:
                segment = None if path in own else await self._in_thread(partial(Segment.claim, path))
                if segment is not None:
                    await self._take_over(segment)
            except OSError as error:
                problems[path] = error.strerror or str(error)
        self._skipped.update(found, problems)

    def leave(self, part: SpoolFile, error: OSError) -> None:
        """Pass over a file that cannot be read just now; `adopt` tries it again."""
        self._writer.remove(part)
        part.segment.close()
        self._skipped.add(part.segment.path, error.strerror or str(error))

    def append(self, delivery: IncomingDelivery) -> "asyncio.Future[None]":
        """Take a delivery, unless the spool is full.

        Returns:
            What is done when the delivery is on the disk, and fails with `SpoolRefusedError` when it is not: the disk
            is full, broken or slow.

        Raises:
            SpoolRefusedError: When the spool is full.
        """
        record = encode_record(delivery)
        size = frame_size(*record)
        self._full = self._writer.size + size > self._limit
        if self._full:
            raise SpoolRefusedError("full", f"it holds its limit of {self._limit} bytes")
        return self._writer.append(frame(*record), size, delivery.facts.accepted)

    def next_part(self) -> SpoolFile | None:
        """Return the oldest file that can be emptied; None when there is none just now."""
        if not self._writer.sealed:
            self._writer.seal()
        return self._writer.sealed[0] if self._writer.sealed else None

    async def read(self, part: SpoolFile) -> list[IncomingDelivery]:
        """Return all records of a file that can be read; what cannot is told and, unless it is a torn end, kept."""
        found = await self._in_thread(part.segment.scan)
        deliveries, unreadable = _decoded(found.records)
        part.damaged = bool(found.damaged or unreadable)
        if found.damaged or found.torn or unreadable:
            structlog.stdlib.get_logger(__name__).warning(
                "spool file is damaged",
                file=str(part.segment.path),
                torn_bytes=found.torn,
                damaged_bytes=found.damaged,
                unreadable_records=unreadable,
                kept=part.damaged,
            )
        return deliveries

    async def discard(self, part: SpoolFile) -> None:
        """Delete a file that was emptied, or set it aside when part of it could not be read."""
        self._writer.remove(part)
        self._full = False
        try:
            await self._in_thread(partial(part.segment.remove, keep_damaged=part.damaged))
        except OSError as error:
            # It stays locked: what it holds is in Redis already, and would be brought there again and again.
            self._skipped.add(part.segment.path, f"was emptied and cannot be removed: {error.strerror or error}")

    def is_empty(self) -> bool:
        """Return whether it holds nothing."""
        return self._writer.records == 0 and not self._writer.sealed

    def status(self) -> SpoolStatus:
        """Return how it is."""
        writer = self._writer
        oldest = writer.oldest
        state = "holding" if writer.records else "empty"
        state = "broken" if writer.problem else "full" if self._full else state
        age = 0.0 if oldest is None else max(0.0, time.time() - oldest / 1000)
        return SpoolStatus(
            *(state, writer.records, writer.size, self._limit, round(age, 3), writer.problem), self._skipped.describe()
        )

    async def close(self) -> None:
        """Let go of all files; the next process takes them over."""
        await self._writer.finish()
        self._thread.close()

    async def _take_over(self, segment: Segment) -> None:
        part = SpoolFile(segment, 0, 0)
        try:
            deliveries = await self.read(part)
        except OSError:
            segment.close()
            raise
        part.records = len(deliveries)
        part.oldest = min((delivery.facts.accepted for delivery in deliveries), default=time.time_ns() // 1_000_000)
        self._writer.take_over(part)
        self.filled.set()

    async def _in_thread(self, function: Callable[[], _Result]) -> _Result:
        return await self._thread.run(function)


def _decoded(records: list[bytes]) -> tuple[list[IncomingDelivery], int]:
    deliveries: list[IncomingDelivery] = []
    unreadable = 0
    for record in records:
        try:
            deliveries.append(decode_record(record))
        except msgspec.MsgspecError:
            unreadable += 1
    return deliveries, unreadable
