"""`vedette up` says in a sentence what keeps it from starting on this machine, and ends with exit code 2."""

import errno
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.supervisor.listening_address import ListeningAddress, UnusableAddressError, check_address


def _file(path: Path) -> None:
    path.write_text("a file")


def _dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


def _below_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("a file")


def _lock_is_a_folder(path: Path) -> None:
    (path / "demonstration" / "lock").mkdir(parents=True)


def _secret_is_a_folder(path: Path) -> None:
    (path / "demonstration" / "client-secret").mkdir(parents=True)


@pytest.mark.parametrize("make", [_file, _dangling, _below_a_file, _lock_is_a_folder, _secret_is_a_folder])
def test_a_state_directory_that_cannot_be_used_is_a_sentence(make: Callable[[Path], None], vedette: Any) -> None:
    (vedette.folder / "in").mkdir()
    make(vedette.folder / "in" / "state")
    vedette.variables["VEDETTE_STATE_DIR"] = str(vedette.folder / "in" / "state")
    said = vedette.run("up", code=2)
    assert said.startswith("The state directory ")
    assert "VEDETTE_STATE_DIR" in said
    assert "Traceback" not in said


@pytest.fixture
def others_folder() -> Iterator[Path]:
    """A folder that an ordinary user can reach and not write."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        yield Path(name)
        Path(name).chmod(0o755)


def test_an_ordinary_user_in_a_folder_that_is_not_to_be_written_is_told(others_folder: Path) -> None:
    as_ordinary_user: list[str] = []
    if os.getuid() == 0:
        program = shutil.which("setpriv")
        if program is None:
            pytest.skip("root cannot put its powers away here")
        as_ordinary_user = [program, "--bounding-set=-dac_override,-dac_read_search"]
    done = subprocess.run(
        [*as_ordinary_user, sys.executable, "-m", "console", "up"],
        cwd=others_folder,
        env={"PATH": os.environ["PATH"], "HOME": str(others_folder), "VEDETTE_PORT": "0", "VEDETTE_CONSOLE__PORT": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("The state directory .vedette")
    assert "Permission denied" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told_from_one_that_is_forbidden_and_an_address_of_another_machine() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UnusableAddressError, match="is taken: stop what uses it"):
            check_address(ListeningAddress("127.0.0.1", taken.getsockname()[1]))
    with pytest.raises(UnusableAddressError, match="no address of this machine"):
        check_address(ListeningAddress("192.0.2.1", 8650))
    with pytest.raises(UnusableAddressError, match="cannot be listened on"):
        check_address(ListeningAddress("no host at all", 8650))
    forbidden = str(UnusableAddressError(ListeningAddress("127.0.0.1", 80), OSError(errno.EACCES, "Permission denied")))
    assert "for root alone" in forbidden
    assert "taken" not in forbidden
    assert "VEDETTE_PORT" in forbidden
    gateway = ListeningAddress("127.0.0.1", 8652, "gateway")
    assert "VEDETTE_GATEWAY__PORT (`port` under [gateway]" in gateway.advice("port")
