"""The processes of the benchmark: a Valkey server that may be killed and frozen, and the variants' servers.

Where the system lets us, a variant has core 0 to itself, and Valkey shares core 1 with the load generator.
"""

import os
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

from receiver_parts.load_generator import SECRET
from vedette.store.server.embedded import find_server, server_command, socket_url

SERVER_CORE = 0
OTHERS_CORE = 1
_SERVE = Path(__file__).parent / "serve.py"


def pin(core: int) -> bool:
    """Keep this process, and those it starts from now on, on one core; return whether that is possible."""
    if not hasattr(os, "sched_setaffinity") or core >= (os.cpu_count() or 1):
        return False
    os.sched_setaffinity(0, {core})
    return True


def unpin() -> None:
    """Let this process, and those it starts from now on, run on all cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def pinning(*, pinned: bool) -> str:
    """Say where everything runs."""
    if not pinned:
        return "One core only, or no means to choose one: the servers compete with the load generator."
    return (
        f"Core {SERVER_CORE}: the server that is measured. Core {OTHERS_CORE}: Valkey and the load generator. "
        f"Cores in all: {os.cpu_count()}."
    )


class Store:
    """A Valkey server of the benchmark's own."""

    def __init__(self, directory: Path, fsync: str) -> None:
        self._command = [*server_command(find_server(), directory), "--appendfsync", fsync]
        self.url = socket_url(directory)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server on its earlier data."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our own command
        end = time.monotonic() + 30
        while True:
            try:
                with self.client() as client:
                    client.ping()
            except redis.exceptions.RedisError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
            else:
                return

    def client(self) -> Any:
        """Return a client."""
        return cast("Any", redis.Redis).from_url(self.url)

    def empty(self) -> None:
        """Throw everything away, and return when that is done, so that the next turn is not disturbed."""
        with self.client() as client:
            client.execute_command("FLUSHALL", "SYNC")

    def reset(self) -> None:
        """Remove all data and the append-only file, which is rewritten in the background when it is large."""
        self.empty()
        with self.client() as client:
            # An automatic rewrite of earlier data may be in progress.
            self._wait_for_rewriting(client)
            client.bgrewriteaof()
            self._wait_for_rewriting(client)

    @staticmethod
    def _wait_for_rewriting(client: Any) -> None:
        while True:
            state = client.info("persistence")
            if not state["aof_rewrite_in_progress"] and not state["aof_rewrite_scheduled"]:
                return
            time.sleep(0.05)

    def cpu_seconds(self) -> float:
        """Return the processor time it has used since it was started."""
        return _cpu_seconds(self._process)

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop it without ending it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)


class Served:
    """One variant's server process."""

    def __init__(self, variant: str, store: Store, state: Path, *, pinned: bool, port: int = 0) -> None:
        variables = {
            "VEDETTE_REDIS_URL": store.url,
            "VEDETTE_CLIENT_SECRET": SECRET,
            "VEDETTE_STATE_DIR": str(state),
            "VEDETTE_PORT": str(port),
        }
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, str(_SERVE), variant, str(SERVER_CORE if pinned else -1)],
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"the server of {variant} did not start")
        self.port = int(self.url.rpartition(":")[2])

    def cpu_seconds(self) -> float:
        """Return the processor time it has used; 0 where the system does not say."""
        return _cpu_seconds(self._process)

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._process.wait()


def _cpu_seconds(process: "subprocess.Popen[Any] | None") -> float:
    try:
        fields = (
            Path(f"/proc/{process.pid if process else 0}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
        )
    except FileNotFoundError:
        return 0.0
    # With what ended children used: the server rewrites its append-only file in one.
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_store(directory: Path, fsync: str) -> Generator[Store]:
    """Start a Valkey server and end it in the end."""
    store = Store(directory, fsync)
    store.start()
    try:
        yield store
    finally:
        store.resume()
        store.kill()


@contextmanager
def running_variants(
    names: tuple[str, ...], store: Store, state: Path, *, pinned: bool
) -> Generator[dict[str, Served]]:
    """Start the variants' servers and end them in the end."""
    served: dict[str, Served] = {}
    try:
        for name in names:
            served[name] = Served(name, store, state, pinned=pinned)
        yield served
    finally:
        for server in served.values():
            server.kill()
