"""Servers for the handlers of a test: a Redis and a simulated Sentry's API, both on this machine alone."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from redis import Redis
from redis.exceptions import RedisError
from starlette.types import ASGIApp

from vedette.store.server.embedded import find_server, server_command, socket_url

_PATIENCE = 10.0


@contextmanager
def redis_in(directory: Path) -> Generator[str]:
    """Run a server with its data in `directory`; the value is its URL.

    Raises:
        ServerNotFoundError: When none can be started on this machine.
    """
    command = server_command(find_server(), directory, durable=False)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our own words
    try:
        _wait_for(socket_url(directory))
        yield socket_url(directory)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE)


@contextmanager
def served(app: ASGIApp) -> Generator[str]:
    """Serve an app from a thread, on a free port of this machine; the value is its URL."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), name="simulated Sentry", daemon=True)
        thread.start()
        try:
            _until(lambda: server.started)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_PATIENCE)


def empty(url: str) -> None:
    """Remove everything from a server of `redis_in`."""
    with _client(url) as client:
        client.flushall()


def _client(url: str) -> Any:
    # Untyped in the library.
    return Redis.from_url(url)


def _wait_for(url: str) -> None:
    with _client(url) as client:

        def answers() -> bool:
            try:
                return bool(client.ping())
            except RedisError:
                return False

        _until(answers)


def _until(check: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not check():
        if time.monotonic() > end:
            raise TimeoutError(f"a server of the tests did not start within {_PATIENCE:g} s")
        time.sleep(0.005)
