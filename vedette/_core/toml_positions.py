"""Finds the positions of keys and values in a TOML document, which Python's parser does not report.

The document has been read by `tomllib`, so it is valid, and only its structure has to be followed. For an unknown path
the position of the nearest parent is used, so that every message has one.
"""

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""The path to a value: keys, and indices of arrays."""

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^,\]}\n#]*")
_ESCAPES = {"x": 4, "u": 6, "U": 10}
_TRIM = re.compile(r"\\[ \t]*\n[ \t\n]*")


@dataclass(frozen=True)
class TomlPositions:
    """The positions of the keys and values of a document."""

    text: str
    keys: dict[Path, int] = field(default_factory=dict[Path, int])
    """The position of each key; for a table of its header."""
    values: dict[Path, int] = field(default_factory=dict[Path, int])

    def key(self, path: Path) -> tuple[int, int]:
        """Return line and column of a key, from 1."""
        return self.at(self._nearest(path, self.keys, self.values))

    def value(self, path: Path) -> tuple[int, int]:
        """Return line and column of a value, from 1."""
        return self.at(self._nearest(path, self.values, self.keys))

    def inside(self, path: Path, index: int) -> tuple[int, int]:
        """Return line and column of a character of a text, counted without quotes and escapes."""
        start = self.values.get(path)
        if start is None or self.text[start : start + 1] not in {'"', "'"}:
            return self.value(path)
        return self.at(_inside(self.text, start, index))

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, from 1."""
        return self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)

    def _nearest(self, path: Path, first: dict[Path, int], second: dict[Path, int]) -> int:
        for length in range(len(path), 0, -1):
            found = first.get(path[:length], second.get(path[:length]))
            if found is not None:
                return found
        return 0


def places_of(text: str) -> TomlPositions:
    """Find the positions in a document that `tomllib` can read.

    Args:
        text: The document with its line ends; those of Windows count as one character, as for `tomllib`.
    """
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.places


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.places = TomlPositions(text)
        self._lengths: dict[Path, int] = defaultdict(int)

    def document(self) -> None:
        table: Path = ()
        while self._skip(_BLANK) < len(self.text):
            before = self.position
            if self.text[self.position] == "[":
                table = self._header()
            else:
                self._pair(table)
            if self.position == before:
                return

    def _header(self) -> Path:
        start = self.position
        brackets = 2 if self.text.startswith("[[", start) else 1
        self.position += brackets
        *parents, last = self._key()
        self.position += brackets
        path = self._through((), *parents)
        path = (*path, last)
        if brackets == 2:  # noqa: PLR2004 - two brackets
            self.places.keys.setdefault(path, start)
            path = (*path, self._lengths[path])
            self._lengths[path[:-1]] += 1
        elif path in self._lengths:
            path = self._through(path[:-1], last)
        self.places.keys[path] = start
        return path

    def _through(self, base: Path, *keys: str) -> Path:
        """Return the path of a table, with the newest element of each array of tables."""
        path = base
        for key in keys:
            path = (*path, key)
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        self._skip(_SPACE)
        start = self.position
        path = table
        for key in self._key():
            path = (*path, key)
            self.places.keys.setdefault(path, start)
        self.places.keys[path] = start
        self.position += 1
        self._value(path)

    def _key(self) -> list[str]:
        """Read a dotted key; the position is after it then."""
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            parts.append(self._simple_key())
            self._skip(_SPACE)
            if not self.text.startswith(".", self.position):
                return parts
            self.position += 1

    def _simple_key(self) -> str:
        start = self.position
        if self.text[start : start + 1] in {'"', "'"}:
            self.position = _end_of_text(self.text, start)
            raw = self.text[start + 1 : self.position - 1]
            return raw if self.text[start] == "'" or "\\" not in raw else _unescaped(raw)
        self._skip(_BARE)
        return self.text[start : self.position]

    def _value(self, path: Path) -> None:
        self._skip(_SPACE)
        self.places.values[path] = self.position
        first = self.text[self.position : self.position + 1]
        if first in {'"', "'"}:
            self.position = _end_of_text(self.text, self.position)
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._skip(_PLAIN)

    def _array(self, path: Path) -> None:
        self.position += 1
        number = 0
        while self._skip(_BLANK) < len(self.text) and self.text[self.position] != "]":
            self._value((*path, number))
            number += 1
            self._skip(_BLANK)
            if self.text.startswith(",", self.position):
                self.position += 1
        self.position += 1

    def _inline_table(self, path: Path) -> None:
        self.position += 1
        while self._skip(_BLANK) < len(self.text) and self.text[self.position] != "}":
            self._pair(path)
            self._skip(_BLANK)
            if self.text.startswith(",", self.position):
                self.position += 1
        self.position += 1

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.position)
        if found is not None:
            self.position = found.end()
        return self.position


def _end_of_text(text: str, start: int) -> int:
    """Return the end of a text that begins at `start`, including its quotes."""
    quote = text[start]
    long = text.startswith(quote * 3, start)
    closing = quote * 3 if long else quote
    position = start + len(closing)
    while position < len(text):
        if quote == '"' and text[position] == "\\":
            position += 2
        elif text.startswith(closing, position):
            position += len(closing)
            # Up to two quotes may precede the closing ones.
            while long and text.startswith(quote, position):
                position += 1
            return position
        else:
            position += 1
    return position


def _inside(text: str, start: int, index: int) -> int:
    """Return the offset of the character `index` of the text that begins at `start`."""
    quote = text[start]
    long = text.startswith(quote * 3, start)
    position = start + (3 if long else 1)
    if long and text.startswith("\n", position):
        position += 1
    end = _end_of_text(text, start) - (3 if long else 1)
    while position < end:
        trim = _TRIM.match(text, position) if long and quote == '"' else None
        if trim is not None:
            position = trim.end()
            continue
        if index == 0:
            return position
        index -= 1
        is_escape = quote == '"' and text[position] == "\\"
        position += _ESCAPES.get(text[position + 1], 2) if is_escape else 1
    return position


def _unescaped(raw: str) -> str:
    return str(tomllib.loads(f'key = "{raw}"')["key"])
