"""The embedded server's guard: starts Valkey, and ends it when this process is asked to end or its starter is gone.

Valkey itself cannot hold a lifeline, so this small process does it for it. A server that a guard left behind (killed
with -9) still holds the files: it is shut down before a new one starts.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path

import redis.exceptions
from redis.client import Redis

from vedette._core import parent_watch
from vedette.store.server.embedded import find_server, server_command, socket_path, socket_url

_PATIENCE = 5.0
_LOADING_PATIENCE = 60.0
_UMASK = 0o077


def guard(directory: Path) -> int:
    """Run the server of `directory` until it ends; return its exit code."""
    command = server_command(find_server(), directory)
    _shut_down_leftover(directory)
    _hide_data(directory)
    # Its files hold webhook bodies, and the folder may have been created with a wider mode.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, umask=_UMASK) as server:  # noqa: S603 - the program is ours

        def stop(number: int, frame: object) -> None:
            del number, frame
            server.terminate()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        parent_watch.start()
        return server.wait()


def _hide_data(directory: Path) -> None:
    """Take the data of an earlier start away from other users' eyes."""
    data = directory / "appendonlydir"
    if data.is_dir():
        data.chmod(0o700)


def wait_until_up(directory: Path) -> bool:
    """Wait until the server of `directory` answers; return whether it does."""
    deadline = time.monotonic() + _LOADING_PATIENCE
    while time.monotonic() < deadline:
        if socket_path(directory).exists() and _answers(directory):
            return True
        time.sleep(0.02)
    return False


def _answers(directory: Path) -> bool:
    with Redis.from_url(socket_url(directory), socket_timeout=1.0) as client:
        try:
            return bool(client.ping())
        except redis.exceptions.RedisError:
            return False


def _shut_down_leftover(directory: Path) -> None:
    if not socket_path(directory).exists():
        return
    with Redis.from_url(socket_url(directory), socket_timeout=_PATIENCE) as client:
        try:
            client.shutdown()
        except redis.exceptions.RedisError:
            # No server listens: only the socket's file is left, and the new server replaces it.
            return
    deadline = time.monotonic() + _PATIENCE
    while _answers(directory) and time.monotonic() < deadline:
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(guard(Path(sys.argv[1])))
