"""Several receiver processes on one port, as `vedette receiver --processes` runs them."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2

from receiver.process_member import MemberPlace
from tests.receiver.running import MakeSettings, Store
from tests.receiver.sentry import SECRET, hook_headers, issue_body
from tests.receiver.servers import own_server

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within a minute"
        time.sleep(0.05)


class Group:
    """A command with its processes."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self.process = process
        self.url = url

    def children(self) -> set[int]:
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(each) for each in found.split()}

    def accepted(self) -> dict[str, float]:
        """Return process -> accepted deliveries."""
        with suppress(httpx2.TransportError):
            text = httpx2.get(f"{self.url}/metrics", timeout=30).text
            counts = dict.fromkeys(re.findall(r'^vedette_redis_up\{process="(\d+)"\} 1\.0$', text, re.MULTILINE), 0.0)
            for labels, value in re.findall(r"^vedette_deliveries_accepted_total\{(.*)\} (.*)$", text, re.MULTILINE):
                process = labels.split('process="')[1][0]
                counts[process] = counts.get(process, 0.0) + float(value)
            return counts
        return {}

    def deliver(self, issue: int) -> int:
        body = issue_body(issue)
        return httpx2.post(
            f"{self.url}/hooks", content=body, headers=hook_headers(body, "issue"), timeout=30
        ).status_code


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")}
    return kept | {"PYTHONPATH": str(ROOT)} | variables


def command(processes: int) -> list[str]:
    return [sys.executable, "-m", "console", "receiver", "--processes", str(processes)]


@contextmanager
def group(folder: Path, redis_url: str, port: int, processes: int = 2) -> Generator[Group]:
    variables = {"VEDETTE_REDIS_URL": redis_url, "VEDETTE_CLIENT_SECRET": SECRET, "VEDETTE_PORT": str(port)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command(processes), cwd=folder, env=environment(**variables), stderr=log, text=True, start_new_session=True
        )
    running = Group(process, f"http://127.0.0.1:{port}")
    try:
        until(lambda: process.poll() is not None or len(running.accepted()) == processes)
        assert process.poll() is None, (folder / "log").read_text()
        yield running
    finally:
        process.kill()
        process.wait(30)


def is_alive(pid: int) -> bool:
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_processes_share_a_port_and_a_dead_one_is_started_again(
    tmp_path: Path, redis_url: str, unused_tcp_port: int, store: Store
) -> None:
    with group(tmp_path, redis_url, unused_tcp_port) as running:
        assert [running.deliver(number) for number in range(1, 31)] == [202] * 30
        until(lambda: sum(running.accepted().values()) == 30)
        # Where Redis was slow for a moment, a delivery is on the disk first.
        until(lambda: len(store.ids()) == 30)

        before = running.children()
        assert len(before) == 2
        os.kill(victim := min(before), signal.SIGKILL)
        until(lambda: len(running.children() - {victim}) == 2 and len(running.accepted()) == 2)
        assert max(before) in running.children()
        assert running.deliver(100) == 202
        until(lambda: len(store.ids()) == 31)
        assert "a receiver process died and is started again" in (tmp_path / "log").read_text()

        members = running.children()
        running.process.terminate()
        assert running.process.wait(PATIENCE) == 0
        assert not any(map(is_alive, members))


def test_no_process_outlives_a_killed_command(tmp_path: Path, redis_url: str, unused_tcp_port: int) -> None:
    with group(tmp_path, redis_url, unused_tcp_port) as running:
        members = running.children()
        running.process.kill()
        until(lambda: not any(map(is_alive, members)))


def refused(folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(2), cwd=folder, env=environment(**variables), capture_output=True, text=True, timeout=60, check=False
    )


def test_wrong_settings_are_one_sentence_and_no_loop(tmp_path: Path) -> None:
    ended = refused(tmp_path)
    assert ended.returncode == 2
    assert "VEDETTE_CLIENT_SECRET" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_process_that_cannot_start_ends_the_command(tmp_path: Path, unused_tcp_port: int) -> None:
    with own_server(tmp_path / "valkey") as server:
        with server.client() as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
        variables = {"VEDETTE_REDIS_URL": server.url, "VEDETTE_CLIENT_SECRET": SECRET}
        ended = refused(tmp_path, VEDETTE_PORT=str(unused_tcp_port), **variables)
    assert ended.returncode == 2
    assert "set `maxmemory-policy noeviction`" in ended.stderr
    assert "has not started" in ended.stderr


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = refused(tmp_path, VEDETTE_CLIENT_SECRET=SECRET, VEDETTE_PORT=port, VEDETTE_REDIS_URL="unix:///nowhere")
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"Port {port} on 127.0.0.1 is taken")


def test_the_metrics_port_is_shared_too(
    tmp_path: Path, redis_url: str, unused_tcp_port_factory: Callable[[], int]
) -> None:
    port, metrics_port = unused_tcp_port_factory(), unused_tcp_port_factory()
    variables = {"VEDETTE_REDIS_URL": redis_url, "VEDETTE_CLIENT_SECRET": SECRET, "VEDETTE_PORT": str(port)}
    process = subprocess.Popen(
        command(2), cwd=tmp_path, env=environment(VEDETTE_RECEIVER__METRICS_PORT=str(metrics_port), **variables)
    )
    try:
        until(lambda: len(Group(process, f"http://127.0.0.1:{metrics_port}").accepted()) == 2)  # type: ignore[arg-type]
        assert httpx2.get(f"http://127.0.0.1:{port}/metrics").status_code == 404
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_the_limits_are_those_of_all_processes_together(make_settings: MakeSettings, tmp_path: Path) -> None:
    settings = make_settings(uploads_limit=64 * 2**20, connections_limit=100, spool_limit=10 * 2**20)
    shared = MemberPlace(1, 4, tmp_path, 3, -1).share(settings).receiver
    assert (shared.uploads_limit, shared.connections_limit) == (16 * 2**20, 25)
    assert shared.spool_limit == settings.receiver.body_limit


def test_a_place_is_read_from_its_own_arguments(tmp_path: Path) -> None:
    place = MemberPlace(2, 4, tmp_path, 7, -1)
    assert MemberPlace.read(place.arguments()) == place


def test_the_page_shows_the_command_that_these_tests_run() -> None:
    assert "\nvedette receiver --processes 2\n" in (ROOT / "docs" / "receiver.md").read_text()
