"""The command on a machine where nothing runs, as a process of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path


def _start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")}
    environment |= {"VEDETTE_STATE_DIR": str(folder), "VEDETTE_PORT": "9"}
    return subprocess.Popen(
        [sys.executable, "-m", "console", "status", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_where_nothing_runs_the_screen_says_so_with_exit_code_2(tmp_path: Path) -> None:
    output, errors = _start(tmp_path).communicate(timeout=60)
    title, *rows = output.splitlines()
    assert title.endswith("is broken")
    assert [row.split()[:2] for row in rows if not row.startswith(" ")] == [["receiver", "broken"], ["redis", "broken"]]
    assert "start `vedette up`" in " ".join(output.split())
    assert errors == ""


def test_a_watch_prints_again_and_again_and_ends_with_the_last_state(tmp_path: Path) -> None:
    process = _start(tmp_path, "--watch", "--json")
    assert process.stdout is not None
    try:
        shown = [json.loads(process.stdout.readline()) for _ in range(2)]
        assert [(one["state"], one["exit_code"]) for one in shown] == [("broken", 2), ("broken", 2)]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 2
    finally:
        process.kill()
        process.communicate()
