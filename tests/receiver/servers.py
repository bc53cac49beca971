"""A Valkey server that a test may kill, freeze and fill."""

import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import redis
import redis.exceptions

from tests.receiver.sentry import SECRET
from vedette.store.server.embedded import find_server, server_command, socket_url

SERVE = """
import resource, sys
limit, soft, hard = map(int, sys.argv[1:4])
if soft:
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
if limit:
    # Python would cut the compiled modules that it caches short, and trust them ever after.
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from receiver.server import run
from vedette._core.logging_setup import configure_logging
from vedette.settings.settings import load_settings
configure_logging()
run(load_settings(), ready=lambda url: print(url, flush=True))
"""


class OwnServer:
    """A server of one test's own; it syncs every write, so that a kill loses nothing."""

    def __init__(self, directory: Path) -> None:
        self._command = [*server_command(find_server(), directory), "--appendfsync", "always"]
        self.url = socket_url(directory)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + 60
        while True:
            try:
                with self.client() as client:
                    client.ping()
            except redis.exceptions.RedisError:
                assert time.monotonic() < end
                time.sleep(0.02)
            else:
                return

    def client(self) -> Any:
        return cast("Any", redis.Redis).from_url(self.url)

    def send(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.send(signal.SIGCONT)


@contextmanager
def own_server(directory: Path) -> Generator[OwnServer]:
    server = OwnServer(directory)
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Receiver:
    """A receiver process, as `vedette receiver` runs it."""

    def __init__(
        self,
        redis_url: str,
        state: Path,
        port: int = 0,
        file_limit: int = 0,
        files: tuple[int, int] = (0, 0),
        **variables: str,
    ) -> None:
        """Start it; `file_limit` bounds the size of a file, `files` is the soft and the hard limit of open ones."""
        environment = {
            "VEDETTE_REDIS_URL": redis_url,
            "VEDETTE_CLIENT_SECRET": SECRET,
            "VEDETTE_STATE_DIR": str(state),
            "VEDETTE_PORT": str(port),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **variables,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(file_limit), *map(str, files)],
            env=environment,
            cwd=state.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url, "the receiver did not start"

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def memory(self) -> int:
        """Resident bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> int:
        code = self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code
