"""Only regular files are read, and nothing is ever waited for."""

import os
from pathlib import Path

import pytest

from vedette._core.regular_file import NotRegularFileError, read_regular_file


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert read_regular_file(tmp_path / "a") == read_regular_file(tmp_path / "b") == b"x"


def test_a_pipe_a_folder_and_a_device_are_refused_and_leave_nothing_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/null")):
        with pytest.raises(NotRegularFileError):
            read_regular_file(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_missing_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_regular_file(tmp_path / "none")
