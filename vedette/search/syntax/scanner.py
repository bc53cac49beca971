"""Scans the text of a search from left to right.

Kept apart from the grammar so that every refusal is made by one method, with a place that lies within the text.
"""

import re
from dataclasses import dataclass
from typing import Final, NoReturn

from vedette.search.errors import SearchSyntaxError

_SPACES: Final = re.compile(r"\s*")
_WORD: Final = re.compile(r'[^()\s"]+')
# Possessive, so that the quote of `\"` never ends the text.
_QUOTED: Final = re.compile(r'"((?:\\"|[^"])*+)"')
_OPERATOR: Final = re.compile(r"(AND|OR)(?=[\s()]|$)", re.IGNORECASE)
_SAFE: Final = re.compile(r"[^\s()\[\]\",<>=!\uf00d][^\s()\[\]\",\uf00d]*")
_KEY: Final = (
    r'(?P<typed>(?:tags|flags)\[ *"?[a-zA-Z0-9_.:-]+"? *(?:, *(?:string|number) *)?\])'
    r'|(?P<bare>[a-zA-Z0-9_.-]+)|"(?P<quoted>[a-zA-Z0-9_.:-]+)"'
)
_FILTER: Final = re.compile(rf"(?P<negated>!)?(?:{_KEY}):")
_ONLY_KEY: Final = re.compile(rf"(?:{_KEY})(?=[\s()]|$)")


@dataclass(frozen=True, slots=True)
class WrittenKey:
    """A key in the text.

    Attributes:
        name: without quotes and spaces, and with the type of a tag unless it is text.
        start: index of its first character.
        end: index after its last, and after the colon where there is one.
        negated: Whether a `!` precedes it.
    """

    name: str
    start: int
    end: int
    negated: bool = False

    @property
    def printed(self) -> str:
        """The canonical form, quoted if necessary."""
        return f'"{self.name}"' if ":" in self.name and "[" not in self.name else self.name


class Scanner:
    """Reads a search from left to right."""

    __slots__ = ("is_flat", "is_strict", "place", "text")

    def __init__(self, text: str, *, is_flat: bool = False, is_strict: bool = False) -> None:
        self.text = text
        self.is_strict = is_strict
        """Return whether misspelt keys and values that nothing can have are refused."""
        self.is_flat = is_flat
        """Return whether AND, OR and brackets are refused, as Sentry's issue search does."""
        self.place = 0

    def fail(self, expected: str, start: int | None = None, end: int | None = None) -> NoReturn:
        """Refuse the search.

        Args:
            expected: what would be right.
            start: The first wrong character; the current position if None.
            end: index after what is wrong; `start`, when None.
        """
        begin = min(self.place if start is None else start, len(self.text))
        raise SearchSyntaxError(self.text, begin, max(0, min(end or 0, len(self.text)) - begin), expected)

    @property
    def next(self) -> str:
        """The character at the place; empty at the end."""
        return self.text[self.place : self.place + 1]

    def skip_spaces(self) -> None:
        """Go on to the next character that is no white space."""
        self.place = self.spaces_end(self.place)

    def spaces_end(self, place: int) -> int:
        """Index after the white space at a place."""
        found = _SPACES.match(self.text, place)
        return found.end() if found else place

    def word_end(self, place: int) -> int:
        """Index after the word at a place; the place itself where there is none."""
        found = _WORD.match(self.text, place)
        return found.end() if found else place

    def operator(self, place: int | None = None) -> str:
        """`AND` or `OR`, written in any capitals, at a place; empty when there is neither."""
        found = _OPERATOR.match(self.text, self.place if place is None else place)
        return found[1].upper() if found else ""

    def filter_key(self, place: int | None = None) -> WrittenKey | None:
        """Return the key and colon with which a filter begins at a place."""
        found = _FILTER.match(self.text, self.place if place is None else place)
        return _written(found, negated=found["negated"] is not None) if found else None

    def only_key(self) -> WrittenKey | None:
        """Return the key without a value at the position, as after `has:`."""
        found = _ONLY_KEY.match(self.text, self.place)
        return _written(found) if found else None

    def quoted(self) -> str | None:
        """Read a text in quotes; None when the quotes are never closed."""
        found = _QUOTED.match(self.text, self.place)
        if found is None:
            return None
        self.place = found.end()
        return found[1].replace('\\"', '"')

    def must_end_here(self, what: str) -> None:
        """Refuse anything that sticks to the end of something."""
        if self.next and self.next != ")" and not self.next.isspace():
            self.fail(f"a space after {what}", end=self.place + 1)


def _written(found: re.Match[str], *, negated: bool = False) -> WrittenKey:
    name = found["typed"] or found["bare"] or found["quoted"]
    if found["typed"]:
        name = re.sub(r'[ "]', "", name).replace(",string", "")
    return WrittenKey(name, found.start(), found.end(), negated)


def printed_text(text: str) -> str:
    """Return a text as it reads back to itself: bare where that is safe, else in quotes."""
    return text if _SAFE.fullmatch(text) else quoted_text(text)


def quoted_text(text: str) -> str:
    """Return a text in quotes."""
    escaped = text.replace('"', '\\"')
    return f'"{escaped}"'
