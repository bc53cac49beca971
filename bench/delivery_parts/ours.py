"""Vedette as one of the systems: its receiver and workers, of this checkout or of another commit's."""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.delivery_parts.processes import free_port, process, wait_for_port
from bench.delivery_parts.system import Running
from bench.delivery_parts.webhooks import SECRET

ROOT = Path(__file__).parents[2]
TOKEN = "sntryi_" + "a" * 64
_PLUGIN = """
import os
import sys
import threading
import time

from vedette import Context, Event, on

_DONE = os.open(os.environ["BENCH_DONE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def count_calls(path):
    counts = [0]

    def count(_frame, event, _argument):
        if event == "call":
            counts[0] += 1

    def write():
        sys.setprofile(None)
        while True:
            with open(path, "w") as file:
                file.write(str(counts[0]))
            time.sleep(0.05)

    sys.setprofile(count)
    threading.setprofile(count)
    threading.Thread(target=write, daemon=True).start()


if os.environ.get("BENCH_CALLS"):
    count_calls(os.environ["BENCH_CALLS"])


@on(os.environ["BENCH_EVENT"])
async def nothing(event: Event, ctx: Context) -> None:
    os.write(_DONE, b".")
"""
_QUIET_RULES = "".join(
    f'[[rule]]\nname = "rule {number}"\non = ["issue.created"]\nwhen = "level:fatal environment:stage{number}"\n'
    f'then = [{{ priority = "high" }}]\n\n'
    for number in range(10)
)
_RULE = '[[rule]]\nname = "a rule"\non = ["issue.created"]\nwhen = "is:unresolved"\nthen = [{actions}]\n'
_FOUR = '{ priority = "high" }, { comment = "Looking." }, { archive = "forever" }, { resolve = "now" }'
_RULES = {
    "no match": _QUIET_RULES,
    "one write": _RULE.replace("{actions}", '{ resolve = "now" }'),
    "four writes": _RULE.replace("{actions}", _FOUR),
}


@dataclass(frozen=True)
class Ours:
    """Vedette from a folder."""

    name: str
    root: Path = ROOT
    counts_calls: bool = False
    """Whether a worker writes the number of Python calls that it has made to the file `calls`; it is slower then."""

    @contextmanager
    def running(self, case: str, redis_url: str, sentry: str, folder: Path, *, workers: int = 1) -> Generator[Running]:
        """Run a receiver and workers for one case."""
        has_rules = case in _RULES
        (folder / "plugin.py").write_text(_PLUGIN, encoding="utf-8")
        (folder / "triage.toml").write_text(_RULES.get(case, _QUIET_RULES), encoding="utf-8")
        (folder / "vedette.toml").write_text(
            f"[handlers.triage]\nenabled = {json.dumps(has_rules)}\n[access]\nwrites_per_issue_per_hour = 1000000\n",
            encoding="utf-8",
        )
        port, done = free_port(), folder / "done"
        done.touch()
        variables = {
            "PYTHONPATH": str(self.root),
            "PATH": os.environ["PATH"],
            "VEDETTE_CONFIG": str(folder / "vedette.toml"),
            "VEDETTE_REDIS_URL": redis_url,
            "VEDETTE_CLIENT_SECRET": SECRET,
            "VEDETTE_TOKEN": TOKEN,
            "VEDETTE_ORGANIZATION": "acme",
            "VEDETTE_SENTRY_URL": sentry,
            "VEDETTE_STATE_DIR": str(folder / "state"),
            "VEDETTE_PORT": str(port),
            "VEDETTE_PLUGINS": str(folder / "plugin.py"),
            "VEDETTE_WATCHDOG__ENABLED": "false",
            "BENCH_DONE": str(done),
            "BENCH_EVENT": "issue.created" if case == "no-op" else "comment.created",
        }
        if self.counts_calls:
            variables["BENCH_CALLS"] = str(folder / "calls")
        with ExitStack() as stack:
            command = (sys.executable, "-m", "console")
            receiver = stack.enter_context(process(*command, "receiver", folder=folder, **variables))
            worker = stack.enter_context(
                process(*command, "worker", "--processes", str(workers), folder=folder, **variables)
            )
            wait_for_port(port)
            yield Running(port, receiver.pid, worker.pid, done, counts_queue=True)


@contextmanager
def worktree(commit: str, folder: Path) -> Generator[Path]:
    """Check another commit out, for as long as the block lasts."""
    place = folder / "before"
    _git("worktree", "add", "--detach", str(place), commit)
    try:
        yield place
    finally:
        _git("worktree", "remove", "--force", str(place))


def _git(*arguments: str) -> None:
    command: list[Any] = ["git", "-C", str(ROOT), *arguments]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own arguments
