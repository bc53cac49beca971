"""The server that `vedette up` starts keeps its data to its user."""

import signal
import subprocess
import sys
from pathlib import Path

import redis

from console.supervisor.valkey import wait_until_up
from vedette.store.server.embedded import socket_url

GUARD = """
import os, sys
from pathlib import Path
from console.supervisor.valkey import guard
os.umask(0o022)
guard(Path(sys.argv[1]))
"""


def modes(directory: Path) -> set[str]:
    return {oct(path.stat().st_mode & 0o777) for path in directory.rglob("*") if not path.is_socket()}


def test_its_files_are_for_its_user_alone_though_the_folder_is_open_to_all(tmp_path: Path) -> None:
    state = tmp_path / "state"
    old = state / "appendonlydir"
    old.mkdir(mode=0o755, parents=True)
    state.chmod(0o755)
    with subprocess.Popen([sys.executable, "-c", GUARD, str(state)], stdout=subprocess.DEVNULL) as guard:
        try:
            assert wait_until_up(state)
            with redis.Redis.from_url(socket_url(state)) as client:  # pyright: ignore[reportUnknownMemberType]
                assert client.set("body", "secret")  # pyright: ignore[reportUnknownMemberType]
            assert modes(state) <= {"0o600", "0o700"}
            assert old.stat().st_mode & 0o777 == 0o700
        finally:
            guard.send_signal(signal.SIGTERM)
