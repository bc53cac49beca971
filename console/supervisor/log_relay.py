"""Relays the log lines of the processes under `vedette up`.

On a terminal, people watch deliveries, so only warnings and worse are shown, in one readable line each; otherwise a
program reads them, and every line is relayed unchanged.
"""

import json
import sys
from typing import Any

from rich.console import Console

from console.rendering.terminal import inert
from vedette._core.json_values import json_object
from vedette._core.printable import printable

_SHOWN = {"warning": "yellow", "error": "red", "critical": "bold red"}
_NOT_REPEATED = {"event", "level", "timestamp", "logger", "exception", "exc_info"}


class LogRelay:
    """Shows or passes on log lines."""

    def __init__(self, console: Console, *, verbose: bool = False) -> None:
        self._console = console
        self._verbose = verbose

    def show(self, name: str, line: str) -> None:
        """Take one line of the process `name`."""
        if self._verbose or not self._console.is_terminal:
            sys.stderr.write(f"{printable(line)}\n")
            sys.stderr.flush()
            return
        record = _record(line)
        if record is None:
            if name != "server":
                self._console.print(inert(f"{name}: {line}", "dim"), soft_wrap=True)
            return
        style = _SHOWN.get(str(record.get("level")))
        if style is None:
            return
        details = " ".join(f"{key}={value}" for key, value in record.items() if key not in _NOT_REPEATED)
        text = inert(f"{name}: ", "bold") + inert(str(record.get("event", "")), style) + inert(f"  {details}", "dim")
        self._console.print(text, soft_wrap=True)


def _record(line: str) -> dict[str, Any] | None:
    try:
        record: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return json_object(record) if isinstance(record, dict) else None
