"""Listings: a table if it fits the width, and records of several lines otherwise.

A table on a narrow terminal has columns of two letters, which cannot be read. In records each value has a line of its
own, so that any width is enough.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.rendering.terminal import inert

_GAP: Final = 2
_INDENT: Final = 4
_READABLE: Final = 36
"""Columns that a wrapped cell of a table needs, unless its texts are shorter."""
_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Column(Generic[_Row]):
    """One value of each row."""

    title: str
    value: Callable[[_Row], str | Text]
    wraps: bool = False
    """Whether it is a sentence, which may continue on the next line of a table."""
    heads: bool = False
    """Whether it is in the first line of a record, without its title."""
    width: int = 0
    """Columns that it takes at least in a listing that is printed row by row."""
    style: str = ""
    justify: Literal["left", "right"] = "left"


def print_listing(console: Console, columns: Sequence[Column[_Row]], rows: Sequence[_Row]) -> None:
    """Print rows as a table, or as records if a table would not fit the console's width."""
    cells = [[_text(column, row) for column in columns] for row in rows]
    if _width(columns, cells, whole=not console.is_terminal) <= console.width:
        console.print(_table(columns, cells))
        return
    for row in cells:
        for line in _record(console, columns, row):
            console.print(line, soft_wrap=True)


def print_row(console: Console, columns: Sequence[Column[_Row]], row: _Row) -> None:
    """Print one row of a listing that has no end: on one line where it fits, else as a record."""
    texts = [_text(column, row) for column in columns]
    heads = [_padded(text, column) for column, text in zip(columns, texts, strict=True) if column.heads]
    others = [text for column, text in zip(columns, texts, strict=True) if not column.heads and text.plain.strip()]
    line = Text(" " * _GAP).join([*heads, *others])
    if line.cell_len <= console.width:
        console.print(line, soft_wrap=True)
        return
    for each in _record(console, columns, texts):
        console.print(each, soft_wrap=True)


def _padded(text: Text, column: "Column[_Row]") -> Text:
    padded = text.copy()
    padded.pad_right(max(0, column.width - text.cell_len))
    return padded


def _text(column: Column[_Row], row: _Row) -> Text:
    value = column.value(row)
    return value if isinstance(value, Text) else inert(value, column.style)


def _width(columns: Sequence[Column[_Row]], cells: Sequence[Sequence[Text]], *, whole: bool) -> int:
    """Return the width that a table needs.

    Args:
        columns: The columns.
        cells: Their texts.
        whole: Whether no text may be wrapped: in a file, a sentence on one line can be found.
    """
    total = _GAP * (len(columns) - 1)
    for place, column in enumerate(columns):
        longest = max((row[place].cell_len for row in cells), default=0)
        total += max(len(column.title), longest if whole or not column.wraps else min(longest, _READABLE))
    return total


def _table(columns: Sequence[Column[_Row]], cells: Sequence[Sequence[Text]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, _GAP, 0, 0))
    for column in columns:
        table.add_column(column.title, overflow="fold", no_wrap=not column.wraps, justify=column.justify)
    for row in cells:
        table.add_row(*row)
    return table


def _record(console: Console, columns: Sequence[Column[_Row]], row: Sequence[Text]) -> Iterator[Text]:
    pairs = [(column, text) for column, text in zip(columns, row, strict=True) if text.plain.strip()]
    heads = Text(" " * _GAP).join(text for column, text in pairs if column.heads)
    yield from _hanging(console, Text(), heads, _INDENT)
    longest = max((len(column.title) for column, _ in pairs if not column.heads), default=0)
    for column, text in pairs:
        if not column.heads:
            title = Text(f"{'':{_INDENT}}{column.title:<{longest}}{'':{_GAP}}", "dim")
            yield from _hanging(console, title, text, title.cell_len)


def _hanging(console: Console, before: Text, text: Text, indent: int) -> Iterator[Text]:
    """Yield a text behind another; a text too long for the line continues below, indented."""
    room = max(1, console.width - max(indent, before.cell_len))
    for number, line in enumerate(text.wrap(console, room, overflow="fold")):
        line.rstrip()
        yield (before if number == 0 else Text(" " * indent)) + line
