"""Pages of a listing: rows, and the cursor with which the next page is asked for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
MOST_ROWS = 1000
"""The greatest number of rows of a page."""
COUNTED = 1000
"""The greatest number to which rows are counted."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a listing."""

    rows: list[Row]
    """May be fewer than asked for although more follow: a page looks at a bounded number of entries."""
    cursor: str | None
    """What the next page is asked for with; None at the end."""


@dataclass(frozen=True)
class BoundedCount:
    """A number of rows, counted no further than `COUNTED`."""

    number: int
    is_exact: bool
    """False where there are more, or may be."""

    def __str__(self) -> str:
        return str(self.number) if self.is_exact else f"more than {self.number}"


async def gather_rows(turn: Callable[[str], Awaitable[Page[Row]]], limit: int | None) -> list[Row]:
    """Return the rows of as many pages as it takes for `limit` rows; None for all."""
    rows: list[Row] = []
    cursor: str | None = ""
    while cursor is not None and (limit is None or len(rows) < limit):
        page = await turn(cursor)
        rows += page.rows
        cursor = page.cursor
    return rows[:limit]
