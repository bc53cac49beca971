"""Appends records to the spool; those that wait together share one write and one fsync.

A record is refused when the disk hangs, not when this process is late to hear of it: what is written already would be
answered 500 then.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from receiver.spool.disk import DiskThread, probe_disk
from receiver.spool.segment import Segment

_REST = 0.004
"""The time between two writes, in seconds: what comes meanwhile shares the next one.

In a flood many small ones would cost a tenth more of the processor.
"""


class SpoolRefusedError(Exception):
    """The spool did not take a record; `reason` is `full`, `broken` or `slow`."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"the spool is {reason}: {detail}")


@dataclass(eq=False)
class SpoolFile:
    """One file of the spool, and how far it has been emptied."""

    segment: Segment
    records: int
    oldest: int
    """When its first record was accepted, in milliseconds."""
    drained: int = 0
    """How many of its records, from the first on, Redis has taken."""
    damaged: bool = False
    """Whether something in it could not be read, so that a person should look at it."""


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
        """Files of this process that wait to be emptied, the oldest first."""
        self.problem = ""
        """Why the disk takes nothing, in words for operators; empty when it does."""

    @property
    def size(self) -> int:
        """Bytes in this process's files, and on their way there."""
        return self._waiting + self._kept

    @property
    def records(self) -> int:
        """Records in this process's files that Redis has not taken."""
        return sum(part.records - part.drained for part in self.parts())

    @property
    def oldest(self) -> int | None:
        """When the oldest record was accepted, in milliseconds."""
        return min((part.oldest for part in self.parts()), default=None)

    def append(self, frame: Sequence[bytes], size: int, accepted: int) -> "asyncio.Future[None]":
        """Write a frame soon, together with others that wait.

        Args:
            frame: Its pieces.
            size: How many bytes they have.
            accepted: When its delivery was accepted, in milliseconds.

        Returns:
            What is done when it is on the disk, and fails with `SpoolRefusedError` when it is not, or not in time.
        """
        group = self._group
        if group is None:
            group = self._group = _Group(accepted, self._hangs, self._timeout)
        group.pieces += frame
        group.size += size
        group.records += 1
        self._waiting += size
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="spool-writer")
        return group.written

    async def probe(self) -> None:
        """Try whether the disk takes something, and keep the answer as `problem`."""
        try:
            await self._thread.run(partial(probe_disk, self._folder))
        except OSError as error:
            self._found(str(error))
        else:
            self._found("")

    def seal(self) -> None:
        """End the file that is being written, so that it can be emptied: now, or when the write under way is done."""
        self._seal_asked = self._writing is not None and not self._writing.done()
        if not self._seal_asked and self._active is not None:
            self.sealed.append(self._active)
            self._active = None

    async def finish(self) -> None:
        """Wait for the write under way, and leave all files to whoever comes next."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
        for part in self.parts():
            part.segment.close()
        self.sealed, self._active, self._kept = [], None, 0

    def take_over(self, part: SpoolFile) -> None:
        """Count a file in that another process left behind."""
        self._kept += part.segment.size
        self.sealed.append(part)
        self.sealed.sort(key=lambda other: other.segment.path)

    def remove(self, part: SpoolFile) -> None:
        """Count a file out that was emptied."""
        self._kept -= part.segment.size
        self.sealed.remove(part)

    def parts(self) -> list[SpoolFile]:
        """Return all files of this process, the oldest first."""
        return self.sealed if self._active is None else [*self.sealed, self._active]

    async def _write(self) -> None:
        while self._group is not None:
            group, self._group = self._group, None
            try:
                active = await self._append(group)
            except OSError as error:
                self._found(str(error))
                group.settle(SpoolRefusedError("broken", self.problem))
                continue
            finally:
                self._waiting -= group.size
            self._found("")
            self._kept += group.size
            active.records += group.records
            self._on_written()
            group.settle(None)
            await asyncio.sleep(_REST)
            if self._seal_asked or active.segment.size >= self._segment_limit:
                self.sealed.append(active)
                self._seal_asked, self._active = False, None

    async def _append(self, group: "_Group") -> SpoolFile:
        if self._active is None:
            segment = await self._thread.run(partial(Segment.create, self._folder))
            self._active = SpoolFile(segment, 0, group.accepted)
        await self._thread.run(partial(self._active.segment.append, group.pieces))
        return self._active

    def _found(self, problem: str) -> None:
        if bool(problem) != bool(self.problem):
            log = structlog.stdlib.get_logger(__name__)
            if problem:
                log.error("spool cannot be written", folder=str(self._folder), problem=problem)
            else:
                log.info("spool can be written again", folder=str(self._folder))
        self.problem = problem

    def _hangs(self) -> bool:
        return self._thread.busy_for() >= self._timeout


class _Group:
    """Records that share one write."""

    def __init__(self, accepted: int, hangs: Callable[[], bool], timeout: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._hangs = hangs
        self._timeout = timeout
        self.accepted = accepted
        self.pieces: list[bytes] = []
        self.size = 0
        self.records = 0
        self.written: asyncio.Future[None] = self._loop.create_future()
        self._timer = self._loop.call_later(timeout, self._expire)

    def settle(self, error: SpoolRefusedError | None) -> None:
        """Tell all who wait; what came first counts."""
        self._timer.cancel()
        if self.written.done():
            return
        if error is None:
            self.written.set_result(None)
        else:
            self.written.set_exception(error)

    def _expire(self) -> None:
        if self._hangs():
            self.settle(SpoolRefusedError("slow", f"the disk took longer than {self._timeout:g} s"))
        else:
            self._timer = self._loop.call_later(self._timeout / 10, self._expire)
