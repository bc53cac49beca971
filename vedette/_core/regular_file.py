"""Reads files that somebody names, where only a regular file may be read.

Opening a named pipe blocks until somebody writes to it, and a device may never end; neither is a file of rules or
owners, and a process that waits for one neither works nor ends.
"""

import os
import stat
from pathlib import Path


class NotRegularFileError(OSError):
    """The path names something else than a regular file, such as a directory, a named pipe or a device."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(None, "it is no regular file", str(path))


def read_regular_file(path: Path) -> bytes:
    """Return the content of a regular file, without ever waiting for a writer.

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
