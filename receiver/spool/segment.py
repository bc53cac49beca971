"""Implements a spool file that one process at a time owns by an advisory lock, which the system releases on a crash.

All functions block on the disk and are called in a thread.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from receiver.spool.record_format import SpoolScan, scan_records
from vedette._core.ids import new_identifier

_SUFFIX = ".spool"
_DAMAGED = ".damaged"
_MOST_PIECES = 1000
"""Pieces of one `writev`; the system accepts up to 1024."""
# macOS has no fdatasync.
_sync = getattr(os, "fdatasync", os.fsync)


class Segment:
    """A spool file that this process has locked."""

    def __init__(self, path: Path, descriptor: int, size: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self.size = size
        """Bytes of complete frames in it."""

    @classmethod
    def create(cls, folder: Path) -> "Segment":
        """Create a file, the name of which sorts after those of earlier files."""
        path = folder / f"{new_identifier()}{_SUFFIX}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _sync_folder(folder)
        return cls(path, descriptor, 0)

    @classmethod
    def claim(cls, path: Path) -> "Segment | None":
        """Lock a file that an ended process left behind; None when another process owns it or it is gone.

        Raises:
            OSError: It is no regular file, or cannot be opened or locked.
        """
        try:
            # O_NONBLOCK: a FIFO of this name must not block the disk's only thread.
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
        """Write complete frames, given in pieces, and sync them; on failure the file is truncated to its former size.

        Raises:
            OSError: The disk is full or broken.
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
        """Read all complete records."""
        return scan_records(self.path.read_bytes())

    def remove(self, *, keep_damaged: bool = False) -> None:
        """Delete the file, or rename it for inspection by an operator, and release it."""
        if keep_damaged:
            self.path.rename(self.path.with_suffix(_DAMAGED))
        else:
            self.path.unlink(missing_ok=True)
        _sync_folder(self.path.parent)
        self.close()

    def _write(self, pieces: Sequence[bytes]) -> int:
        size = sum(map(len, pieces))
        written = os.writev(self._descriptor, pieces)
        # A disk that is nearly full may write a part; only writing the rest raises the error.
        while written < size:
            written += os.write(self._descriptor, b"".join(pieces)[written:])
        return size

    def close(self) -> None:
        """Release the lock, so that another process can claim the file."""
        os.close(self._descriptor)


def _lock(descriptor: int, path: Path) -> bool:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "is no regular file", str(path))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:  # another process owns it
        return False
    return path.exists()  # else its owner removed it between opening and locking


def list_segments(folder: Path) -> list[Path]:
    """Return the paths of all spool files, the oldest first."""
    return sorted(folder.glob(f"*{_SUFFIX}"))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
