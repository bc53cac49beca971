"""Reads rules files into snapshots, which can be compared.

A file is read again when its metadata has changed. The metadata has the time of its own last change (ctime), which no
program can set, unlike size and time of modification.
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
    """The state of one file in a snapshot; two are equal if their content is."""

    path: Path
    content: bytes = field(default=b"", repr=False)
    problem: str = ""
    """The reason if it cannot be read; otherwise empty."""
    metadata: _Metadata = field(default=_NOTHING, compare=False)


@dataclass(frozen=True, slots=True)
class FilesSnapshot:
    """The state of all files at a time."""

    rules: tuple[FileState, ...]
    """The rules files, in order."""
    further: tuple[FileState, ...]
    """Files that their actions use."""


def read_files(rules: Sequence[Path], further: Sequence[Path], before: FilesSnapshot | None) -> FilesSnapshot:
    """Read files; those with unchanged metadata are not read again.

    Args:
        rules: The rules files.
        further: Files that their actions use.
        before: An earlier snapshot, or None.
    """
    known = {} if before is None else {file.path: file for file in (*before.rules, *before.further)}
    return FilesSnapshot(
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
