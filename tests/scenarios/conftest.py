"""Real processes: `vedette up` and its parts, each in a folder of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.conftest import connect as open_blocking_redis
from tests.gateway.conftest import redis_client
from tests.ports import free_port

__all__ = ("redis_client",)

SECRET = "client-secret-of-the-tests"
TOKEN = "sntryi_" + "a" * 64
ORGANIZATION = "harbour-shop"
PATIENCE = 60.0
# One for all calls, since each new one reads the system's certificates; no connection outlives its server.
HTTP = httpx2.Client(timeout=10, trust_env=False, limits=httpx2.Limits(max_keepalive_connections=0))


def eventually(check: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Return what `check` returns once it is true."""
    end = time.monotonic() + patience
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@dataclass
class Process:
    """A process with output that is read while it runs."""

    process: subprocess.Popen[str]
    output: list[str] = field(default_factory=list[str])
    errors: list[str] = field(default_factory=list[str])
    readers: list[threading.Thread] = field(default_factory=list[threading.Thread])

    def __post_init__(self) -> None:
        for stream, lines in ((self.process.stdout, self.output), (self.process.stderr, self.errors)):
            self.readers.append(threading.Thread(target=_read, args=(stream, lines), daemon=True))
        for reader in self.readers:
            reader.start()

    def wait_for(self, text: str, patience: float = PATIENCE) -> str:
        """Return the first line of standard output with `text`."""

        def find() -> str | None:
            assert self.process.poll() is None or any(text in line for line in self.output), self.story()
            return next((line for line in self.output if text in line), None)

        try:
            return eventually(find, patience)
        except AssertionError:
            raise AssertionError(f"no line with {text!r}\n{self.story()}") from None

    def story(self) -> str:
        return "".join([*self.output, "--- standard error\n", *self.errors[-40:]])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)


def _read(stream: Any, lines: list[str]) -> None:
    with stream:
        lines.extend(iter(stream.readline, ""))


@dataclass
class Vedette:
    """One installation under test: a folder, its variables, and what runs in it."""

    folder: Path
    port: int
    variables: dict[str, str] = field(default_factory=dict[str, str])
    running: list[Process] = field(default_factory=list[Process])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")}
        return {
            **inherited,
            "HOME": str(self.folder),
            "VEDETTE_PORT": str(self.port),
            "VEDETTE_STATE_DIR": str(self.folder / "state"),
            **self.variables,
        }

    def start(self, *arguments: str, command: tuple[str, ...] = (sys.executable, "-m", "console")) -> Process:
        """Start a process of ours; without a terminal, so that its logs are JSON.

        `up` starts the web console only where a test asks for it with `--console`.
        """
        if arguments[:1] == ("up",) and "--console" not in arguments:
            arguments = (*arguments, "--no-console")
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        found = Process(process)
        self.running.append(found)
        return found

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command of ours to its end and return its standard output."""
        if arguments[:1] == ("up",):
            arguments = (*arguments, "--no-console")
        done = subprocess.run(
            [sys.executable, "-m", "console", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout if code == 0 else done.stdout + done.stderr

    def deliveries(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run("deliveries", "--json", *arguments).splitlines()]

    def is_ready(self) -> bool:
        """Whether a receiver answers here and reaches Redis."""
        try:
            return HTTP.get(f"{self.url}/health/ready").status_code == 200
        except httpx2.HTTPError:
            return False

    def post(self, body: bytes, headers: dict[str, str]) -> httpx2.Response:
        return HTTP.post(f"{self.url}/hooks/default", content=body, headers=headers)


@dataclass(frozen=True)
class Simulated:
    """A simulated Sentry that runs as a process of its own."""

    url: str

    def create(self, **report: Any) -> dict[str, Any]:
        """Let an error happen; return the issue."""
        answer = HTTP.post(f"{self.url}/_simulator/issues", json=report)
        assert answer.status_code == 201, answer.text
        return answer.json()["issue"]

    def issues(self) -> list[dict[str, Any]]:
        """All issues."""
        return self.state()["issues"]

    def issue(self, issue: str) -> dict[str, Any]:
        return next(one for one in self.issues() if one["id"] == issue)

    def state(self) -> dict[str, Any]:
        """How many calls and writes there were, and how every issue is."""
        return HTTP.get(f"{self.url}/_simulator/state").json()

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API below the organization, as the integration."""
        answer = HTTP.request(
            method,
            f"{self.url}/api/0/organizations/{ORGANIZATION}/{path}",
            json=body,
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        assert answer.is_success, answer.text
        return answer.json()

    def do(self, issue: str, verb: str) -> None:
        """Let a person change an issue."""
        answer = HTTP.post(f"{self.url}/_simulator/issues/{issue}", json={"do": verb})
        assert answer.status_code == 200, answer.text

    def set_priority(self, issue: str, priority: str) -> None:
        """Set the priority as another person."""
        self.api("PUT", f"issues/{issue}/", {"priority": priority})


@pytest.fixture
def vedette(tmp_path: Path) -> Iterator[Vedette]:
    """A fresh installation; whatever runs in it ends with the test."""
    installation = Vedette(tmp_path, free_port())
    yield installation
    for process in installation.running:
        if process.process.poll() is None:
            process.process.terminate()
    for process in installation.running:
        try:
            process.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.process.pid, signal.SIGKILL)
            process.process.wait(60)
        for reader in process.readers:
            reader.join(10)


@pytest.fixture
def served(vedette: Vedette) -> Simulated:
    """A quiet simulated Sentry, with `vedette` configured to serve it."""
    return _simulate(vedette)


@pytest.fixture
def generous(vedette: Vedette) -> Simulated:
    """The same without rate limits."""
    return _simulate(vedette, "--calls-per-second", "1000")


def _simulate(vedette: Vedette, *options: str) -> Simulated:
    vedette.variables |= {
        "VEDETTE_CLIENT_SECRET": SECRET,
        "VEDETTE_TOKEN": TOKEN,
        "VEDETTE_ORGANIZATION": ORGANIZATION,
    }
    hooks = f"{vedette.url}/hooks/default"
    process = vedette.start("simulate", "--quiet", "--json", "--port", "0", "--webhook-url", hooks, *options)
    url = json.loads(process.wait_for("url"))["url"]
    vedette.variables["VEDETTE_SENTRY_URL"] = url
    return Simulated(url)


def descendants(pid: int) -> set[int]:
    """Return the ids of all processes that stem from `pid`."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found.update(children)
        waiting.extend(children)
    return found


def _alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def descendants_of() -> Callable[[int], set[int]]:
    return descendants


@pytest.fixture
def alive() -> Callable[[int], bool]:
    return _alive


@pytest.fixture
def until() -> Callable[..., Any]:
    return eventually


@pytest.fixture
def secret() -> str:
    return SECRET


@pytest.fixture
def connect() -> Callable[[str], Any]:
    return open_blocking_redis
