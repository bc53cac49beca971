"""Reads small text files that an operator names, such as secrets and settings, without ever hanging on them.

A FIFO or a device is refused, because reading it may wait for ever, and so is a file whose file system does not answer,
as a network mount whose server is away.
"""

import os
import stat
import threading
from pathlib import Path
from typing import Final

SECRET_SIZE: Final = 64 * 1024
"""Bytes that a file with a secret may have."""
PATIENCE: Final = 5.0
"""Seconds after which a file that has not been read is given up."""


class UnreadableFileError(ValueError):
    """A file that cannot be read as text; the text names it and says why."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path} {reason}")


def read_small_file(path: Path, limit: int = SECRET_SIZE, patience: float = PATIENCE) -> str:
    """Return the text of a regular file, less a byte order mark.

    Args:
        path: The file.
        limit: The largest size in bytes.
        patience: How long it may take, in seconds.

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

    # A call that the kernel does not come back from cannot be interrupted: it is left behind with its thread.
    reader = threading.Thread(target=read, name="reading a small file", daemon=True)
    reader.start()
    reader.join(patience)
    if problems:
        raise problems[0]
    if not found:
        raise UnreadableFileError(path, f"cannot be read: its file system did not answer within {patience:g} s")
    try:
        return found[0].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFileError(path, "is no UTF-8 text: save it as UTF-8") from None


def _content(path: Path, limit: int) -> bytes:
    # Without waiting: opening a FIFO that nobody writes to would.
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
