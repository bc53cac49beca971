"""The page on the simulated Sentry runs unchanged, and names every fault."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from vedette.simulator.faults.faults import KINDS

PAGE = (Path(__file__).parents[2] / "docs/simulator.md").read_text()


def test_the_example_prints_what_it_says() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["['error.created', 'issue.created', 'issue.resolved']", "resolved"]


def test_every_fault_is_named() -> None:
    table = PAGE.partition("## Faults")[2]
    assert set(re.findall(r"`(\w+)`", table)) >= set(KINDS)
