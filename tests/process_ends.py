"""Waits for the end of a process; where it does not end, the failure shows the stacks of all its threads."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import Any, Final

STACKS: Final = {"PYTHONFAULTHANDLER": "1"}
"""The variables of a process that is waited for: it then writes its stacks to standard error at SIGABRT."""
_DUMP = 10.0
"""Seconds for a process to write its stacks."""
_SHOWN = 20_000
"""Characters of the log in a failure."""


class StillRunningError(AssertionError):
    """A process did not end in time."""

    def __init__(self, command: object, patience: float, log: str) -> None:
        super().__init__(f"{command} did not end within {patience:g} s; the end of what it wrote:\n{log}")


def wait_for_end(process: "subprocess.Popen[Any]", log: Path, patience: float) -> int:
    """Return the exit code of a process that has a session of its own, once it has ended.

    Args:
        process: The process, started with `STACKS` among its variables.
        log: The file that takes its standard error.
        patience: Seconds to wait.

    Raises:
        StillRunningError: It has not ended; it is ended now, with its group.
    """
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        _end_group(process, signal.SIGABRT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_DUMP)
        raise StillRunningError(process.args, patience, log.read_text(errors="replace")[-_SHOWN:]) from None
    finally:
        _end_group(process, signal.SIGKILL)
        process.wait(_DUMP)


def _end_group(process: "subprocess.Popen[Any]", number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
