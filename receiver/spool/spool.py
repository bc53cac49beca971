"""Implements the spool, the file queue that stores deliveries while Redis is unavailable.

A record is synced to the disk before its delivery is answered. Files of ended or killed processes are adopted at the
next start, and periodically, since several receivers may share one folder.
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
from receiver.spool.record_format import encode_frame, measure_frame
from receiver.spool.segment import Segment, list_segments
from receiver.spool.writer import SpoolFile, SpoolUnavailableError, SpoolWriter

_Result = TypeVar("_Result")
_MAX_DESCRIBED = 10
_PROBE_INTERVAL = 60.0
_PROBE_INTERVAL_BROKEN = 2.0


@dataclass(frozen=True)
class SpoolStatus:
    """A snapshot of the spool's state."""

    state: str
    """`empty`, `holding`, `full` or `broken`."""
    records: int
    bytes: int
    limit: int
    age: float
    """Seconds since the oldest record was accepted."""
    problem: str
    skipped: tuple[str, ...] = ()
    """Entries of the folder that could not be opened or read, with the reasons; their deliveries stay on the disk."""

    @property
    def accepts(self) -> bool:
        """Return whether another record would probably be accepted."""
        return self.state in {"empty", "holding"}

    def to_dict(self) -> dict[str, object]:
        """Return the fields for JSON."""
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
    """A durable file queue of deliveries."""

    def __init__(self, folder: Path, *, limit: int, segment_limit: int, timeout: float) -> None:
        """Set the folder and the limits; `open` accesses the disk.

        Args:
            folder: The folder of the spool files.
            limit: The largest total size, in bytes.
            segment_limit: The size at which a new file is begun, in bytes.
            timeout: Seconds that an operation of the disk may take before the pending records fail.
        """
        self._folder = folder
        self._limit = limit
        self._thread = DiskThread()
        self.filled = asyncio.Event()
        """Set while there may be records to drain."""
        self._writer = SpoolWriter(
            folder, self._thread, segment_limit=segment_limit, timeout=timeout, on_written=self.filled.set
        )
        self._full = False
        self._skipped = SkippedEntries()

    async def open(self) -> None:
        """Create the folder, probe the disk, and adopt existing files."""
        await self._writer.probe()
        await self.adopt()

    async def run_probes(self) -> None:
        """Probe the disk once a minute, and every other second while it is broken, until cancelled."""
        while True:
            await asyncio.sleep(_PROBE_INTERVAL_BROKEN if self._writer.problem else _PROBE_INTERVAL)
            await self._writer.probe()

    async def adopt(self) -> None:
        """Adopt the files of ended processes; those that cannot be opened are skipped."""
        own = {file.segment.path for file in self._writer.files()}
        problems: dict[Path, str] = {}
        try:
            found = await self._in_thread(partial(list_segments, self._folder))
        except OSError:  # the probe reports it
            return
        for path in found:
            try:
                segment = None if path in own else await self._in_thread(partial(Segment.claim, path))
                if segment is not None:
                    await self._adopt(segment)
            except OSError as error:
                problems[path] = error.strerror or str(error)
        self._skipped.update(found, problems)

    def skip(self, file: SpoolFile, error: OSError) -> None:
        """Skip a file that cannot be read; `adopt` retries it."""
        self._writer.remove(file)
        file.segment.close()
        self._skipped.add(file.segment.path, error.strerror or str(error))

    def append(self, delivery: IncomingDelivery) -> "asyncio.Future[None]":
        """Append a delivery unless the spool is full.

        Returns:
            A future that is done when the delivery is on the disk, and that fails with `SpoolUnavailableError` when the
            disk is full, broken or slow.

        Raises:
            SpoolUnavailableError: The spool is full.
        """
        record = encode_record(delivery)
        size = measure_frame(*record)
        self._full = self._writer.size + size > self._limit
        if self._full:
            raise SpoolUnavailableError("full", f"it holds its limit of {self._limit} bytes")
        return self._writer.append(encode_frame(*record), size, delivery.record.accepted)

    def next_file(self) -> SpoolFile | None:
        """Return the oldest file that can be drained; None when there is none now."""
        if not self._writer.sealed:
            self._writer.seal()
        return self._writer.sealed[0] if self._writer.sealed else None

    async def read(self, file: SpoolFile) -> list[IncomingDelivery]:
        """Return all readable records of a file; log damage, and mark the file unless only its end is torn."""
        found = await self._in_thread(file.segment.scan)
        deliveries, unreadable = _decode_records(found.records)
        file.damaged = bool(found.damaged or unreadable)
        if found.damaged or found.torn or unreadable:
            structlog.stdlib.get_logger(__name__).warning(
                "spool file is damaged",
                file=str(file.segment.path),
                torn_bytes=found.torn,
                damaged_bytes=found.damaged,
                unreadable_records=unreadable,
                kept=file.damaged,
            )
        return deliveries

    async def discard(self, file: SpoolFile) -> None:
        """Delete a file that was drained, or rename it when a part of it could not be read."""
        self._writer.remove(file)
        self._full = False
        try:
            await self._in_thread(partial(file.segment.remove, keep_damaged=file.damaged))
        except OSError as error:
            # It stays locked: its records are in Redis, and would be drained again and again.
            self._skipped.add(file.segment.path, f"was drained and cannot be removed: {error.strerror or error}")

    def is_empty(self) -> bool:
        """Return whether the spool has no records."""
        return self._writer.records == 0 and not self._writer.sealed

    def status(self) -> SpoolStatus:
        """Return a snapshot of the state."""
        writer = self._writer
        oldest = writer.oldest
        state = "holding" if writer.records else "empty"
        state = "broken" if writer.problem else "full" if self._full else state
        age = 0.0 if oldest is None else max(0.0, time.time() - oldest / 1000)
        return SpoolStatus(
            *(state, writer.records, writer.size, self._limit, round(age, 3), writer.problem), self._skipped.describe()
        )

    async def close(self) -> None:
        """Release all files, which another process can adopt."""
        await self._writer.close()
        self._thread.close()

    async def _adopt(self, segment: Segment) -> None:
        file = SpoolFile(segment, 0, 0)
        try:
            deliveries = await self.read(file)
        except OSError:
            segment.close()
            raise
        file.records = len(deliveries)
        file.oldest = min((delivery.record.accepted for delivery in deliveries), default=time.time_ns() // 1_000_000)
        self._writer.adopt(file)
        self.filled.set()

    async def _in_thread(self, function: Callable[[], _Result]) -> _Result:
        return await self._thread.run(function)


def _decode_records(records: list[bytes]) -> tuple[list[IncomingDelivery], int]:
    deliveries: list[IncomingDelivery] = []
    unreadable = 0
    for record in records:
        try:
            deliveries.append(decode_record(record))
        except msgspec.MsgspecError:
            unreadable += 1
    return deliveries, unreadable
