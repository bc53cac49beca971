"""What `vedette up` and its processes survive, and that nothing stays behind."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port

NOISE = {"project": "storefront", "type": "Error", "value": "ResizeObserver loop limit exceeded"}


def child(pid: int, words: str, descendants_of: Callable[[int], set[int]]) -> int:
    """Return the id of the one process below `pid` with `words` in its command line."""
    for one in sorted(descendants_of(pid)):
        if words in (Path("/proc") / str(one) / "cmdline").read_bytes().replace(b"\0", b" ").decode():
            return one
    raise AssertionError(f"no process with {words!r}")


def ended_within(seconds: float, pids: set[int], alive: Callable[[int], bool]) -> set[int]:
    """Return those of `pids` that are still alive after at most `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(alive(pid) for pid in pids):
        time.sleep(0.05)
    return {pid for pid in pids if alive(pid)}


def test_killing_the_worker_and_starting_another_still_handles_the_delivery(
    vedette: Any, served: Any, redis_url: str, until: Callable[..., Any]
) -> None:
    vedette.variables["VEDETTE_REDIS_URL"] = redis_url
    vedette.variables["VEDETTE_PLUGINS"] = "slow.py"
    marker = vedette.folder / "began"
    (vedette.folder / "slow.py").write_text(
        "import asyncio, pathlib\nfrom vedette import on\n\n\n"
        "@on('issue.created')\nasync def slow(event, ctx):\n"
        f"    began = pathlib.Path({str(marker)!r})\n"
        "    if ctx.attempt == 1:\n        began.touch()\n        await asyncio.sleep(60)\n"
        "    ctx.note('finished on another try')\n"
    )
    receiver = vedette.start("receiver")
    worker = vedette.start("worker")
    until(lambda: "vedette_" in _metrics(vedette))
    served.create(**NOISE)
    until(marker.exists)
    os.killpg(worker.process.pid, signal.SIGKILL)
    worker.process.wait(60)
    vedette.start("worker")
    until(lambda: [one["state"] for one in vedette.deliveries("--resource", "issue")[-1:]] == ["handled"])
    runs = {run["handler"]: run for run in vedette.deliveries("--handler", "slow")[0]["runs"]}
    assert runs["slow"]["did"] == ["finished on another try"]
    assert runs["slow"]["attempts"] == 2
    assert receiver.end() == 0


def test_a_process_that_dies_is_started_again_and_said_so(
    vedette: Any, served: Any, until: Callable[..., Any], descendants_of: Callable[[int], set[int]]
) -> None:
    up = vedette.start("up")
    up.wait_for("webhook URL")
    for name, words in (("receiver", "console receiver"), ("worker", "dramatiq workers"), ("server", "valkey-server")):
        os.kill(child(up.process.pid, words, descendants_of), signal.SIGKILL)
        until(lambda name=name: any(f"the {name}" in line and "started again" in line for line in up.errors))
        until(lambda words=words: _has_child(up.process.pid, words, descendants_of))
    until(vedette.is_ready)
    issue = served.create(**NOISE)
    until(lambda: served.issue(issue["id"])["status"] == "ignored")


@pytest.mark.alone
def test_ctrl_c_and_sigterm_end_everything_within_five_seconds(
    vedette: Any, served: Any, descendants_of: Callable[[int], set[int]], alive: Callable[[int], bool]
) -> None:
    assert served
    for number in (signal.SIGINT, signal.SIGTERM):
        up = vedette.start("up")
        up.wait_for("webhook URL")
        family = descendants_of(up.process.pid)
        assert len(family) >= 4
        began = time.monotonic()
        assert up.end(number) == 0, up.story()
        assert time.monotonic() - began < 5
        assert ended_within(0.5, family, alive) == set()


@pytest.mark.alone
def test_killing_up_itself_leaves_no_process_behind(
    vedette: Any,
    served: Any,
    descendants_of: Callable[[int], set[int]],
    alive: Callable[[int], bool],
    until: Callable[..., Any],
) -> None:
    up = vedette.start("up")
    up.wait_for("webhook URL")
    family = descendants_of(up.process.pid)
    up.end(signal.SIGKILL)
    assert ended_within(5, family, alive) == set()
    again = vedette.start("up")
    again.wait_for("webhook URL")
    issue = served.create(**NOISE)
    until(lambda: served.issue(issue["id"])["status"] == "ignored")


def test_deliveries_outlive_a_restart_of_everything(vedette: Any, served: Any, until: Callable[..., Any]) -> None:
    up = vedette.start("up")
    up.wait_for("webhook URL")
    issue = served.create(**NOISE)
    until(lambda: served.issue(issue["id"])["status"] == "ignored")
    until(lambda: {one["state"] for one in vedette.deliveries()} <= {"handled", "unhandled"})
    before = vedette.deliveries()
    assert up.end() == 0
    vedette.start("up").wait_for("webhook URL")
    assert [one["id"] for one in vedette.deliveries()][-len(before) :] == [one["id"] for one in before]


def test_nothing_listens_beyond_loopback(vedette: Any, served: Any, descendants_of: Callable[[int], set[int]]) -> None:
    assert served
    up = vedette.start("up")
    up.wait_for("webhook URL")
    own = {up.process.pid, *descendants_of(up.process.pid)}
    assert _listening_addresses(own) == {"0100007F"}


def test_two_of_them_on_one_folder_are_told_apart(vedette: Any, served: Any) -> None:
    assert served
    vedette.start("up").wait_for("webhook URL")
    vedette.port = free_port()
    assert "VEDETTE_STATE_DIR" in vedette.run("up", code=1)


def test_a_taken_port_is_named(vedette: Any, served: Any, tmp_path: Path) -> None:
    assert served
    vedette.start("up").wait_for("webhook URL")
    vedette.variables["VEDETTE_STATE_DIR"] = str(tmp_path / "other")
    assert f"Port {vedette.port}" in vedette.run("up", code=2)


def _metrics(vedette: Any) -> str:
    import httpx2  # noqa: PLC0415

    try:
        return httpx2.get(f"{vedette.url}/metrics", trust_env=False).text
    except httpx2.HTTPError:
        return ""


def _has_child(pid: int, words: str, descendants_of: Callable[[int], set[int]]) -> bool:
    try:
        return child(pid, words, descendants_of) > 0
    except (AssertionError, OSError):
        return False


def _listening_addresses(pids: set[int]) -> set[str]:
    inodes: set[str] = set()
    for pid in pids:
        for link in (Path("/proc") / str(pid) / "fd").iterdir():
            try:
                target = str(link.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found: set[str] = set()
    for table in ("tcp", "tcp6"):
        for line in (Path("/proc/net") / table).read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and columns[9] in inodes:
                found.add(columns[1].partition(":")[0])
    return found


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"VEDETTE_CLIENT_SECRET": "s" * 32}, ["VEDETTE_TOKEN", "VEDETTE_ORGANIZATION"]),
        (
            {"VEDETTE_CLIENT_SECRET": "s" * 32, "VEDETTE_TOKEN": "Basic hunter2", "VEDETTE_ORGANIZATION": "o"},
            ["Make an internal integration"],
        ),
        ({"VEDETTE_PORT": "eighty"}, ["the variable VEDETTE_PORT"]),
    ],
)
def test_settings_that_cannot_work_are_told_once_before_anything_starts(
    vedette: Any, variables: dict[str, str], told: list[str]
) -> None:
    vedette.variables |= variables
    said = vedette.run("up", code=2)
    assert all(said.count(words) == 1 for words in told), said
    assert "hunter2" not in said
    assert "Traceback" not in said
    assert not (vedette.folder / "state").exists()
