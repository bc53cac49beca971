"""Defines the error for invalid searches, which shows the search with the position marked."""

_SHOWN_BEFORE = 60
_SHOWN_AFTER = 60


class SearchSyntaxError(ValueError):
    """A search that Sentry would refuse, or would read in another sense than it appears to have.

    Attributes:
        query: the whole search.
        position: index of the first character that is wrong, up to `len(query)` when something is missing at the end.
        length: how many characters are wrong; 0 when something is missing.
        expected: what would be right there.
    """

    def __init__(self, query: str, position: int, length: int, expected: str) -> None:
        self.query = query
        self.position = position
        self.length = length
        self.expected = expected
        super().__init__(query, position, length, expected)

    @property
    def line(self) -> int:
        """Line of the place, from 1."""
        return self.query.count("\n", 0, self.position) + 1

    @property
    def column(self) -> int:
        """Column of the place in its line, from 1."""
        return self.position - self._line_start + 1

    @property
    def marked(self) -> str:
        """The line of the search that is wrong, or as much of it as fits, and carets under the place."""
        end = self.query.find("\n", self.position)
        line = self.query[self._line_start : end if end >= 0 else len(self.query)]
        place = self.column - 1
        first = max(0, place - _SHOWN_BEFORE)
        shown = line[first : place + _SHOWN_AFTER]
        # Each unprintable letter takes one column, so that the carets are below the position.
        visible = "".join(letter if letter.isprintable() else " " for letter in shown)
        width = max(1, min(self.length, len(shown) - (place - first)))
        return f"{visible}\n{' ' * (place - first)}{'^' * width}"

    @property
    def _line_start(self) -> int:
        return self.query.rfind("\n", 0, self.position) + 1

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}" if "\n" in self.query else f"column {self.column}"
        return f"cannot read this search, {place}: expected {self.expected}\n{self.marked}"
