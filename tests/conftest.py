"""Real servers for all tests."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import redis
import redis.exceptions

from tests.ports import free_port
from vedette.store.server.embedded import find_server, server_command, socket_url

REPOSITORY = Path(__file__).parents[1]
SHARED = REPOSITORY.parent / "shared"

# Listings take their width from COLUMNS, which pytest's workers have and users' pipes have not.
os.environ.pop("COLUMNS", None)
# A shell lets what it starts in the background ignore SIGINT, and the processes of tests would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files without a test that runs alone, where only those are chosen: importing all takes a while."""
    if config.getoption("markexpr") != "alone" or collection_path.suffix != ".py":
        return None
    return True if "pytest.mark.alone" not in collection_path.read_text(encoding="utf-8") else None


def connect(url: str) -> Any:
    return cast("Any", redis.Redis).from_url(url)


def wait_for_server(url: str, deadline: float = 60.0) -> None:
    end = time.monotonic() + deadline
    with connect(url) as client:
        while True:
            try:
                client.ping()
            except redis.exceptions.RedisError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
            else:
                return


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real server that this test process owns."""
    directory = tmp_path_factory.mktemp("valkey")
    process = subprocess.Popen(
        server_command(find_server(), directory, durable=False), stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        url = socket_url(directory)
        wait_for_server(url)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of an empty server."""
    with connect(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture
def unused_tcp_port() -> int:
    """A port on which nothing listens; pytest-asyncio's own is one that an outgoing connection may take."""
    return free_port()


@pytest.fixture
def unused_tcp_port_factory() -> Callable[[], int]:
    """Returns another such port at each call."""
    return free_port


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of facts and captures beside the project; without it a test is skipped, but never in CI."""
    if not SHARED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{SHARED} is missing, and CI must have it")
        pytest.skip(f"{SHARED} is not on this machine")
    return SHARED
