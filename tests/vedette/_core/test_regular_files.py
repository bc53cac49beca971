"""Only regular files are read, and a file that does not answer is refused in time."""

import os
import socket
import threading
from pathlib import Path

import pytest

from vedette._core import regular_files
from vedette._core.regular_files import (
    NotRegularFileError,
    UnreadableFileError,
    read_regular_file,
    read_small_file,
)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xef\xbb\xbfa secret\r\n")
    assert read_small_file(tmp_path / "secret") == "a secret\r\n"


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


def _utf_16(path: Path) -> None:
    path.write_text("a secret", encoding="utf-16")


def _large(path: Path) -> None:
    path.write_bytes(b"a" * (regular_files.SECRET_SIZE + 1))


def _nothing(path: Path) -> None:
    del path


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_fifo, "pipe"),
        (_folder, "folder"),
        (_socket, "cannot be read"),
        (_utf_16, "UTF-8"),
        (_large, "larger than"),
        (_nothing, "No such file"),
        (_device, "device"),
    ],
)
def test_what_is_no_readable_text_file_is_refused_by_name(make: object, told: str, tmp_path: Path) -> None:
    path = tmp_path / "named"
    assert callable(make)
    make(path)
    with pytest.raises(UnreadableFileError) as raised:
        read_small_file(path)
    assert told in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_file_system_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("a secret")
    answer = threading.Event()

    def hanging(*arguments: object, **options: object) -> int:
        del arguments, options
        answer.wait()
        raise OSError("the server is gone")

    # The system's own call, as on a network mount whose server is away.
    monkeypatch.setattr(os, "open", hanging)
    try:
        with pytest.raises(UnreadableFileError, match="did not answer"):
            read_small_file(tmp_path / "secret", timeout=0.05)
    finally:
        answer.set()


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
