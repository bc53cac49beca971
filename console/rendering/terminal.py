"""The console of all commands: colours and cropping on a terminal, complete plain lines everywhere else.

Titles, names and notes come from outside. The console escapes every control, bidirectional and invisible character;
`inert` and `echo` escape line breaks as well, so that a text cannot forge lines.
"""

import os
import sys
from collections.abc import Iterable
from typing import Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from vedette._core.printable import printable

_PIPE_WIDTH = 160
"""A pipe has no width; listings are tables there as far as they fit so much, unless COLUMNS says otherwise."""
_LEAST_WIDTH = 40


class InertConsole(Console):
    """A console on which no text has an effect but its letters."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render, and spell out what has an effect; rich's own control codes stay."""
        for segment in super().render(renderable, options):
            if segment.control or (segment.text.isascii() and segment.text.isprintable()):
                yield segment
            else:
                yield Segment(printable(segment.text, multiline=True), segment.style)


def make_console(*, stderr: bool = False) -> Console:
    """Return a console on standard output, or on standard error."""
    return InertConsole(**options_for(stderr=stderr))


def options_for(*, stderr: bool) -> dict[str, Any]:
    """Return what a console on standard output, or on standard error, is made with."""
    stream = sys.stderr if stderr else sys.stdout
    return {"highlight": False, "stderr": stderr, "width": None if stream.isatty() else _pipe_width()}


def _pipe_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return max(_LEAST_WIDTH, int(columns)) if columns.isascii() and columns.isdigit() else _PIPE_WIDTH


def inert(text: str, style: str | Style = "") -> Text:
    """Return one line of a text, of which nothing is markup and nothing has an effect."""
    return Text(printable(text), style)


def inert_lines(text: str, style: str | Style = "") -> Text:
    """Return a text of several lines, such as a traceback, of which nothing is markup and nothing has an effect."""
    return Text(printable(text, multiline=True), style)


def echo(text: str, *, err: bool = False) -> None:
    """Write one line to standard output, or to standard error; a line break in the text is spelled out."""
    typer.echo(printable(text), err=err)


def echo_lines(text: str, *, err: bool = False) -> None:
    """Write a text of several lines, each of which is ours to begin."""
    typer.echo(printable(text, multiline=True), err=err)
