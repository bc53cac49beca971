"""What rules files hold at a moment, so that one look can be compared with another.

A file is read again when anything that its metadata tells has changed. The time of the last change of the metadata
(ctime) is among it, which no program can put back, unlike size and time of modification.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from vedette._core.regular_files import read_regular_file

_Metadata = tuple[int, ...]
_NOTHING: Final[_Metadata] = ()


@dataclass(frozen=True, slots=True)
class FileState:
    """One file as a look found it; two are equal where their content is."""

    path: Path
    content: bytes = field(default=b"", repr=False)
    problem: str = ""
    """Why it cannot be read; empty where it can."""
    metadata: _Metadata = field(default=_NOTHING, compare=False)


@dataclass(frozen=True, slots=True)
class Look:
    """All files as one look found them."""

    rules: tuple[FileState, ...]
    """The rules files, in order."""
    further: tuple[FileState, ...]
    """Files that their actions read from."""


def look_at(rules: Sequence[Path], further: Sequence[Path], before: Look | None) -> Look:
    """Look at files; those of which the metadata is as it was are not read again.

    Args:
        rules: The rules files.
        further: Files that their actions read from.
        before: An earlier look, or None.
    """
    known = {} if before is None else {file.path: file for file in (*before.rules, *before.further)}
    return Look(
        tuple(_state_of(path, known.get(path)) for path in rules),
        tuple(_state_of(path, known.get(path)) for path in further),
    )


def _state_of(path: Path, known: FileState | None) -> FileState:
    try:
        found = path.stat()
        metadata = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if known is not None and known.metadata == metadata:
            return known
        return FileState(path, read_regular_file(path), metadata=metadata)
    except OSError as error:
        return FileState(path, problem=error.strerror or str(error))
