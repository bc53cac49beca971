"""Appends records to the spool; those that wait together share one write and one fsync.

The disk is touched by one thread only, so writes keep their order and a slow disk never stops the loop.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from receiver.spool.frames import frame
from receiver.spool.segment import Segment


class SpoolRefusedError(Exception):
    """The spool did not take a record; `reason` is `full`, `broken` or `slow`."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"the spool is {reason}: {detail}")


@dataclass(eq=False)
class Part:
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

    def __init__(self, folder: Path, executor: ThreadPoolExecutor, *, segment_limit: int, timeout: float) -> None:
        self._folder = folder
        self._executor = executor
        self._segment_limit = segment_limit
        self._timeout = timeout
        self._active: Part | None = None
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._seal_asked = False
        self.sealed: list[Part] = []
        """Files of this process that wait to be emptied, the oldest first."""
        self.problem = ""
        """Why the disk takes nothing, in words for operators; empty when it does."""

    @property
    def size(self) -> int:
        """Bytes in this process's files, and on their way there."""
        waiting = sum(len(data) for data, _ in self._waiting)
        return waiting + sum(part.segment.size for part in self.parts())

    @property
    def records(self) -> int:
        """Records in this process's files that Redis has not taken."""
        return sum(part.records - part.drained for part in self.parts())

    @property
    def oldest(self) -> int | None:
        """When the oldest record was accepted, in milliseconds."""
        return min((part.oldest for part in self.parts()), default=None)

    async def append(self, record: bytes, accepted: int) -> None:
        """Return when `record` is on the disk.

        Raises:
            SpoolRefusedError: When it is not, or not in time.
        """
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((frame(record), written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(accepted), name="spool-writer")
        try:
            async with asyncio.timeout(self._timeout):
                await asyncio.shield(written)
        except TimeoutError:
            written.add_done_callback(_forget)
            raise SpoolRefusedError("slow", f"the disk took longer than {self._timeout:g} s") from None

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
        self.sealed, self._active = [], None

    def parts(self) -> list[Part]:
        """Return all files of this process, the oldest first."""
        return self.sealed if self._active is None else [*self.sealed, self._active]

    async def _write(self, accepted: int) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                if self._active is None:
                    segment = await loop.run_in_executor(self._executor, Segment.create, self._folder)
                    self._active = Part(segment, 0, accepted)
                data = b"".join(data for data, _ in group)
                await loop.run_in_executor(self._executor, self._active.segment.append, data)
            except OSError as error:
                self.problem = str(error)
                self._settle(group, SpoolRefusedError("broken", self.problem))
                continue
            self.problem = ""
            self._active.records += len(group)
            self._settle(group, None)
            if self._seal_asked or self._active.segment.size >= self._segment_limit:
                self.sealed.append(self._active)
                self._seal_asked, self._active = False, None

    def _settle(self, group: list[tuple[bytes, asyncio.Future[None]]], error: Exception | None) -> None:
        for _, written in group:
            if written.done():
                continue
            if error is None:
                written.set_result(None)
            else:
                written.set_exception(error)


def _forget(written: "asyncio.Future[None]") -> None:
    """Look at the outcome, so that the loop does not report it as overlooked."""
    if not written.cancelled():
        written.exception()
