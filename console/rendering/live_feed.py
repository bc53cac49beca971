"""The line per delivery that `vedette up` prints: time, event, issue, handler, outcome, duration."""

import json
import sys
from dataclasses import asdict, dataclass

from cachetools import LRUCache
from rich.console import Console
from rich.text import Text

from console.rendering.formatting import clock, duration, ended
from console.rendering.issue_names import IssueNames
from console.rendering.terminal import inert
from vedette._core.printable import printable
from vedette.store.deliveries.journal import JournalEntry

_STYLES = {"done": "green", "retrying": "yellow", "dead": "red"}
_NAME_WIDTH = 24
_ISSUE_WIDTH = 16
_HANDLER_WIDTH = 10
_LEAST_ROOM = 10
UNHANDLED_PAUSE = 60_000
"""Milliseconds for which further events of a name that no handler asks for are counted instead of printed."""
_NAMES = 1_000


@dataclass
class _Unhandled:
    """The events of one name that no handler asks for, since one was printed."""

    at: int
    more: int = 0


class LiveFeed:
    """Writes journal entries as lines; whole ones to a file, cropped ones to a terminal."""

    def __init__(self, console: Console, *, as_json: bool = False) -> None:
        self._console = console
        self._as_json = as_json
        self._names = IssueNames()
        self._unhandled: LRUCache[str, _Unhandled] = LRUCache(_NAMES)

    def show(self, entry: JournalEntry) -> None:
        """Print what an entry says, if it is one that people look for."""
        if self._as_json:
            sys.stdout.write(json.dumps(asdict(entry)) + "\n")
            sys.stdout.flush()
            return
        self._names.learn(entry)
        if entry.kind == "ended":
            self._line(entry, entry.handler, ended(entry), _STYLES.get(entry.state, ""))
        elif entry.kind == "decided" and entry.handlers == 0:
            self._show_unhandled(entry)
        elif entry.kind == "accepted" and entry.state == "quarantined":
            self._line(entry, "-", "quarantined: see `vedette deliveries`", "red")

    def _show_unhandled(self, entry: JournalEntry) -> None:
        last = self._unhandled.get(entry.name)
        if last is not None and entry.at - last.at < UNHANDLED_PAUSE:
            last.more += 1
            return
        self._unhandled[entry.name] = _Unhandled(entry.at)
        more = f" ({last.more} more since {clock(last.at)})" if last is not None and last.more else ""
        title = f": {printable(entry.title)}" if entry.title else ""
        self._line(entry, "-", f"no handler asks for it{more}{title}", "dim")

    def _line(self, entry: JournalEntry, handler: str, outcome: str, style: str) -> None:
        before = Text.assemble(
            (clock(entry.at), "dim"),
            printable(f"  {entry.name:<{_NAME_WIDTH}} {self._names.name_of(entry) or '-':<{_ISSUE_WIDTH}} "),
            (printable(f"{handler:<{_HANDLER_WIDTH}} "), "cyan"),
        )
        after = Text(f"  {duration(max(0, entry.since_accepted))}", "dim")
        done = inert(outcome, style)
        if self._console.is_terminal:
            room = self._console.width - before.cell_len - after.cell_len
            done.truncate(max(room, _LEAST_ROOM), overflow="ellipsis")
        self._console.print(before + done + after, soft_wrap=True)
