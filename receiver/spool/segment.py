"""One spool file, owned by one process at a time through the system's lock, which a crash releases.

Everything here blocks on the disk and is called in a thread.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from receiver.spool.record_format import SpoolScan, scan
from vedette._core.ids import new_identifier

_SUFFIX = ".spool"
_DAMAGED = ".damaged"
_MOST_PIECES = 1000
"""The system takes up to 1024 in one call."""
# macOS has no fdatasync.
_sync = getattr(os, "fdatasync", os.fsync)


class Segment:
    """A spool file that this process has locked."""

    def __init__(self, path: Path, descriptor: int, size: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self.size = size
        """Bytes of whole frames in it."""

    @classmethod
    def create(cls, folder: Path) -> "Segment":
        """Begin a new file; its name sorts behind those that were begun before."""
        path = folder / f"{new_identifier()}{_SUFFIX}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _sync_folder(folder)
        return cls(path, descriptor, 0)

    @classmethod
    def claim(cls, path: Path) -> "Segment | None":
        """Take over a file that a process left behind; None when it is another's or gone.

        Raises:
            OSError: When it is no regular file, or cannot be opened or locked.
        """
        try:
            # Without waiting: a FIFO of this name must not stop the disk's only thread.
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        try:
            is_claimed = _lock(descriptor, path)
        except OSError:
            os.close(descriptor)
            raise
        if not is_claimed:
            os.close(descriptor)
            return None
        return cls(path, descriptor, os.fstat(descriptor).st_size)

    def append(self, pieces: Sequence[bytes]) -> None:
        """Write whole frames, given in pieces, and return when they are on the disk; on failure the file is as it was.

        Raises:
            OSError: When the disk is full or broken.
        """
        written = 0
        try:
            os.lseek(self._descriptor, self.size, os.SEEK_SET)
            for start in range(0, len(pieces), _MOST_PIECES):
                written += self._write(pieces[start : start + _MOST_PIECES])
            _sync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += written

    def scan(self) -> SpoolScan:
        """Read all whole records."""
        return scan(self.path.read_bytes())

    def remove(self, *, keep_damaged: bool = False) -> None:
        """Let go of the file: delete it, or keep it under another name for a person to look at."""
        if keep_damaged:
            self.path.rename(self.path.with_suffix(_DAMAGED))
        else:
            self.path.unlink(missing_ok=True)
        _sync_folder(self.path.parent)
        self.close()

    def _write(self, pieces: Sequence[bytes]) -> int:
        size = sum(map(len, pieces))
        written = os.writev(self._descriptor, pieces)
        # A disk that is nearly full may take a part; only asking for the rest tells why.
        while written < size:
            written += os.write(self._descriptor, b"".join(pieces)[written:])
        return size

    def close(self) -> None:
        """Leave the file to whoever comes next."""
        os.close(self._descriptor)


def _lock(descriptor: int, path: Path) -> bool:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "is no regular file", str(path))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:  # another process has it
        return False
    return path.exists()  # else its owner emptied it between the opening and the lock


def segments_in(folder: Path) -> list[Path]:
    """Return all spool files, the oldest first."""
    return sorted(folder.glob(f"*{_SUFFIX}"))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
