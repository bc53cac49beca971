"""The console that people see: colours and cropping on a terminal, whole plain lines everywhere else."""

import sys
from typing import Any

from rich.console import Console

_PIPE_WIDTH = 1000
"""A pipe has no width: lines stay whole there."""


def make_console(*, stderr: bool = False) -> Console:
    """Return a console on standard output, or on standard error."""
    return Console(**options_for(stderr=stderr))


def options_for(*, stderr: bool) -> dict[str, Any]:
    """Return what a console on standard output, or on standard error, is made with."""
    stream = sys.stderr if stderr else sys.stdout
    return {"highlight": False, "stderr": stderr, "width": None if stream.isatty() else _PIPE_WIDTH}
