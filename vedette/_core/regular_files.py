"""Reads files that an operator or a rule names, where only a regular file may be read.

Opening a named pipe blocks until a writer appears, a device may never end, and a network mount may not answer while its
server is away. A process that waits for one of them neither works nor stops.
"""

import os
import stat
import threading
from pathlib import Path
from typing import Final

SECRET_SIZE: Final = 64 * 1024
"""Bytes that a file with a secret may have."""
READ_TIMEOUT: Final = 5.0
"""Seconds after which reading a small file fails."""


class NotRegularFileError(OSError):
    """The path names something else than a regular file, such as a directory, a named pipe or a device."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(None, "it is no regular file", str(path))


class UnreadableFileError(ValueError):
    """A file that cannot be read as text; the message names it and the reason."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path} {reason}")


def read_regular_file(path: Path) -> bytes:
    """Return the content of a regular file, without waiting for a writer.

    Raises:
        NotRegularFileError: It is something else; nothing was read.
        OSError: It cannot be opened or read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotRegularFileError(path)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def read_small_file(path: Path, limit: int = SECRET_SIZE, timeout: float = READ_TIMEOUT) -> str:
    """Return the text of a regular file, less a byte order mark.

    Args:
        path: The file.
        limit: The largest size in bytes.
        timeout: Seconds that reading may take.

    Raises:
        UnreadableFileError: It is missing, no regular file, too large, no UTF-8, or its file system does not answer.
    """
    found: list[bytes] = []
    problems: list[UnreadableFileError] = []

    def read() -> None:
        try:
            found.append(_content(path, limit))
        except UnreadableFileError as error:
            problems.append(error)
        except OSError as error:
            problems.append(UnreadableFileError(path, f"cannot be read: {error.strerror or error}"))
        except ValueError as error:
            # A NUL in the path.
            problems.append(UnreadableFileError(path, f"cannot be read: {error}"))

    # A system call that blocks cannot be interrupted: the daemon thread is abandoned with it.
    reader = threading.Thread(target=read, name="reading a small file", daemon=True)
    reader.start()
    reader.join(timeout)
    if problems:
        raise problems[0]
    if not found:
        raise UnreadableFileError(path, f"cannot be read: its file system did not answer within {timeout:g} s")
    try:
        return found[0].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFileError(path, "is no UTF-8 text: save it as UTF-8") from None


def _content(path: Path, limit: int) -> bytes:
    # O_NONBLOCK: opening a FIFO without a writer would block.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise UnreadableFileError(path, "is a folder: name a file")
        if not stat.S_ISREG(mode):
            raise UnreadableFileError(path, "is no regular file but a pipe, socket or device: name a file")
        content = b""
        while len(content) <= limit and (piece := os.read(descriptor, limit + 1 - len(content))):
            content += piece
    finally:
        os.close(descriptor)
    if len(content) > limit:
        raise UnreadableFileError(path, f"is larger than {limit} bytes")
    return content
