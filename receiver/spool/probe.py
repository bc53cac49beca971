"""Tries the spool's disk with a file that is removed at once, so that a broken one is known before it is needed."""

import os
from pathlib import Path

from vedette._core.ids import new_identifier

_SIZE = 64 * 1024
"""Bytes; more than most deliveries, so that a disk with room for a few bytes alone counts as full."""


def probe(folder: Path) -> None:
    """Write a file of 64 KiB to the disk and remove it; makes the folder where it is missing.

    Raises:
        OSError: When the folder cannot be written, or the disk is full or broken.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f".{new_identifier()}.probe"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        # Removed at once, so that a kill leaves nothing behind.
        path.unlink()
        rest = bytes(_SIZE)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
