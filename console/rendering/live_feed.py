"""The line per delivery that `vedette up` prints: time, event, issue, handler, outcome, duration."""

import json
import sys
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from console.rendering.formatting import clock, duration, ended
from console.rendering.terminal import inert
from vedette._core.printable import printable
from vedette.store.deliveries.journal import JournalEntry

_STYLES = {"done": "green", "retrying": "yellow", "dead": "red"}
_NAME_WIDTH = 24
_ISSUE_WIDTH = 16
_HANDLER_WIDTH = 10
_LEAST_ROOM = 10


class LiveFeed:
    """Writes journal entries as lines; whole ones to a file, cropped ones to a terminal."""

    def __init__(self, console: Console, *, as_json: bool = False) -> None:
        self._console = console
        self._as_json = as_json

    def show(self, entry: JournalEntry) -> None:
        """Print what an entry says, if it is one that people look for."""
        if self._as_json:
            sys.stdout.write(json.dumps(asdict(entry)) + "\n")
            sys.stdout.flush()
            return
        if entry.kind == "ended":
            self._line(entry, entry.handler, ended(entry), _STYLES.get(entry.state, ""))
        elif entry.kind == "decided" and entry.handlers == 0:
            self._line(entry, "-", "no handler asks for it", "dim")
        elif entry.kind == "accepted" and entry.state == "quarantined":
            self._line(entry, "-", "quarantined: see `vedette deliveries`", "red")

    def _line(self, entry: JournalEntry, handler: str, outcome: str, style: str) -> None:
        before = Text.assemble(
            (clock(entry.at), "dim"),
            printable(f"  {entry.name:<{_NAME_WIDTH}} {entry.issue or '-':<{_ISSUE_WIDTH}} "),
            (printable(f"{handler:<{_HANDLER_WIDTH}} "), "cyan"),
        )
        after = Text(f"  {duration(max(0, entry.since_accepted))}", "dim")
        done = inert(outcome, style)
        if self._console.is_terminal:
            room = self._console.width - before.cell_len - after.cell_len
            done.truncate(max(room, _LEAST_ROOM), overflow="ellipsis")
        self._console.print(before + done + after, soft_wrap=True)
