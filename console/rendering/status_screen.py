"""Draws `vedette status`: one line for each part, which fits a screen of 80 columns and 24 rows."""

import textwrap
from collections.abc import Sequence

from rich.text import Text

from console.rendering.terminal import inert
from vedette._core.printable import printable
from vedette.admin.status import SystemStatus
from vedette.admin.status_lines import StatusLine
from vedette.checks.findings import State

ROWS = 22
"""Rows of the screen, less the title and the prompt."""
_WORDS: dict[State, str] = {"ok": "ok", "warn": "warning", "broken": "broken", "unknown": "unknown"}
_STYLES: dict[State, str] = {"ok": "green", "warn": "yellow", "broken": "bold red", "unknown": "dim"}
_NAME, _STATE = 16, 9
_SUMMARY: dict[State, str] = {"ok": "well", "warn": "with warnings", "broken": "broken", "unknown": "unknown"}


def screen_of(status: SystemStatus, title: str, width: int) -> list[Text]:
    """Return the rows of the screen.

    Args:
        status: The state of everything.
        title: The first row, to which the state is added.
        width: Columns; longer sentences continue on the next row, or are cropped where there is no room.
    """
    room = max(20, width - _NAME - _STATE)
    sentences = [_sentences(line, room) for line in status.lines]
    if sum(map(len, sentences)) > ROWS:
        sentences = [[textwrap.shorten(_whole(line), room, placeholder=" …")] for line in status.lines]
    rows = [Text.assemble(inert(title), " ", (_SUMMARY[status.state], _STYLES[status.state]))]
    for line, texts in zip(status.lines, sentences, strict=True):
        rows += _rows(line, texts)
    if len(rows) > ROWS + 1:
        rows = [*rows[:ROWS], inert(f"and {len(rows) - ROWS} more: `vedette status --json`", "dim")]
    return rows


def _sentences(line: StatusLine, room: int) -> list[str]:
    return textwrap.wrap(_whole(line), room, break_long_words=True) or [""]


def _whole(line: StatusLine) -> str:
    more = f" (`{line.command}`)" if line.command and line.state in {"warn", "broken"} else ""
    return printable(f"{line.says}{more}")


def _rows(line: StatusLine, texts: Sequence[str]) -> list[Text]:
    name = printable(line.name)
    name = name if len(name) < _NAME else f"{name[: _NAME - 2]}…"
    first = Text.assemble(
        name.ljust(_NAME), (_WORDS[line.state].ljust(_STATE), _STYLES[line.state]), texts[0] if texts else ""
    )
    return [first, *(Text(" " * (_NAME + _STATE) + text) for text in texts[1:])]
