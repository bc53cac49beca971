"""Appends records to the spool; pending records share one write and one fsync.

A record fails when the disk hangs, not when this process is late: a record that is already written would be answered
500.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from receiver.spool.disk import DiskThread, probe_disk
from receiver.spool.segment import Segment

_WRITE_INTERVAL = 0.004
"""Seconds between two writes; records that arrive in between share the next one.

Under load many small writes would use a tenth more processor time.
"""


class SpoolUnavailableError(Exception):
    """The spool did not accept a record; `reason` is `full`, `broken` or `slow`."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"the spool is {reason}: {detail}")


@dataclass(eq=False)
class SpoolFile:
    """A file of the spool, and its progress of draining."""

    segment: Segment
    records: int
    oldest: int
    """The time at which its first record was accepted, in milliseconds."""
    drained: int = 0
    """The number of its records, from the first on, that Redis has stored."""
    damaged: bool = False
    """Return whether a part of it could not be read, so that an operator should inspect it."""


class SpoolWriter:
    """The writing end of the spool."""

    def __init__(
        self,
        folder: Path,
        thread: DiskThread,
        *,
        segment_limit: int,
        timeout: float,
        on_written: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._thread = thread
        self._segment_limit = segment_limit
        self._timeout = timeout
        self._on_written = on_written
        self._active: SpoolFile | None = None
        self._group: _Group | None = None
        self._waiting = 0
        self._kept = 0
        self._writing: asyncio.Task[None] | None = None
        self._seal_asked = False
        self.sealed: list[SpoolFile] = []
        """Files of this process that can be drained, the oldest first."""
        self.problem = ""
        """The error of the disk, as operators read it; empty when writes succeed."""

    @property
    def size(self) -> int:
        """Bytes in this process's files, and of pending records."""
        return self._waiting + self._kept

    @property
    def records(self) -> int:
        """The number of records in this process's files that Redis has not stored."""
        return sum(file.records - file.drained for file in self.files())

    @property
    def oldest(self) -> int | None:
        """The time at which the oldest record was accepted, in milliseconds."""
        return min((file.oldest for file in self.files()), default=None)

    def append(self, frame: Sequence[bytes], size: int, accepted: int) -> "asyncio.Future[None]":
        """Write a frame, together with other pending ones.

        Args:
            frame: The pieces of the frame.
            size: Their total size in bytes.
            accepted: The time at which the delivery was accepted, in milliseconds.

        Returns:
            A future that is done when the frame is on the disk, and that fails with `SpoolUnavailableError` on an error
            or timeout.
        """
        group = self._group
        if group is None:
            group = self._group = _Group(accepted, self._is_hanging, self._timeout)
        group.pieces += frame
        group.size += size
        group.records += 1
        self._waiting += size
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="spool-writer")
        return group.written

    async def probe(self) -> None:
        """Probe the disk, and store the result as `problem`."""
        try:
            await self._thread.run(partial(probe_disk, self._folder))
        except OSError as error:
            self._set_problem(str(error))
        else:
            self._set_problem("")

    def seal(self) -> None:
        """Seal the active file, so that it can be drained: now, or after the write in progress."""
        self._seal_asked = self._writing is not None and not self._writing.done()
        if not self._seal_asked and self._active is not None:
            self.sealed.append(self._active)
            self._active = None

    async def close(self) -> None:
        """Wait for the write in progress, and release all files."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
        for file in self.files():
            file.segment.close()
        self.sealed, self._active, self._kept = [], None, 0

    def adopt(self, file: SpoolFile) -> None:
        """Add a file that another process left behind."""
        self._kept += file.segment.size
        self.sealed.append(file)
        self.sealed.sort(key=lambda other: other.segment.path)

    def remove(self, file: SpoolFile) -> None:
        """Remove a file that was drained or skipped."""
        self._kept -= file.segment.size
        self.sealed.remove(file)

    def files(self) -> list[SpoolFile]:
        """Return all files of this process, the oldest first."""
        return self.sealed if self._active is None else [*self.sealed, self._active]

    async def _write(self) -> None:
        while self._group is not None:
            group, self._group = self._group, None
            try:
                active = await self._append(group)
            except OSError as error:
                self._set_problem(str(error))
                group.complete(SpoolUnavailableError("broken", self.problem))
                continue
            finally:
                self._waiting -= group.size
            self._set_problem("")
            self._kept += group.size
            active.records += group.records
            self._on_written()
            group.complete(None)
            await asyncio.sleep(_WRITE_INTERVAL)
            if self._seal_asked or active.segment.size >= self._segment_limit:
                self.sealed.append(active)
                self._seal_asked, self._active = False, None

    async def _append(self, group: "_Group") -> SpoolFile:
        if self._active is None:
            segment = await self._thread.run(partial(Segment.create, self._folder))
            self._active = SpoolFile(segment, 0, group.accepted)
        await self._thread.run(partial(self._active.segment.append, group.pieces))
        return self._active

    def _set_problem(self, problem: str) -> None:
        if bool(problem) != bool(self.problem):
            log = structlog.stdlib.get_logger(__name__)
            if problem:
                log.error("spool cannot be written", folder=str(self._folder), problem=problem)
            else:
                log.info("spool can be written again", folder=str(self._folder))
        self.problem = problem

    def _is_hanging(self) -> bool:
        return self._thread.busy_seconds() >= self._timeout


class _Group:
    """Records that share one write."""

    def __init__(self, accepted: int, is_hanging: Callable[[], bool], timeout: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._is_hanging = is_hanging
        self._timeout = timeout
        self.accepted = accepted
        self.pieces: list[bytes] = []
        self.size = 0
        self.records = 0
        self.written: asyncio.Future[None] = self._loop.create_future()
        self._timer = self._loop.call_later(timeout, self._expire)

    def complete(self, error: SpoolUnavailableError | None) -> None:
        """Complete the future; only the first result counts."""
        self._timer.cancel()
        if self.written.done():
            return
        if error is None:
            self.written.set_result(None)
        else:
            self.written.set_exception(error)

    def _expire(self) -> None:
        if self._is_hanging():
            self.complete(SpoolUnavailableError("slow", f"the disk took longer than {self._timeout:g} s"))
        else:
            self._timer = self._loop.call_later(self._timeout / 10, self._expire)
