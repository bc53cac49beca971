"""Prepares text that Sentry's events and users wrote, which anybody can write, for the field `from_event` of an answer.

JSON keeps such text in its place: no value can end the string that holds it. Invisible characters are removed, values
are cut to a bound, and the numbers of both are other fields of the answer.
"""

import math
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from vedette._core.json_values import json_list, json_object
from vedette._core.printable import strip_invisible

LONGEST_VALUE: Final = 4_000
"""Characters of one value."""
LONGEST_KEY: Final = 200
MOST_CHARACTERS: Final = 60_000
"""Characters of all values of one answer."""
_DEEPEST: Final = 12
_MOST_ITEMS: Final = 200
"""Items of one list or object."""


@dataclass(slots=True)
class EventText:
    """The text of one answer: the characters that it may still have, and those that were left out."""

    left: int = MOST_CHARACTERS
    """Number of characters that may follow."""
    removed: int = field(default=0, init=False)
    """Number of control, bidirectional, tag and zero-width characters that were removed."""
    cut: int = field(default=0, init=False)
    """Number of characters, or of items, that were left out for their size."""

    def text(self, value: object, limit: int = LONGEST_VALUE) -> str:
        """Return a value as text that can be shown, cut to `limit` characters and to the rest of the budget."""
        raw = value if isinstance(value, str) else str(value)
        stripped = strip_invisible(raw[: 4 * limit])
        self.removed += stripped.removed
        bound = max(0, min(limit, self.left))
        shown = stripped.text[:bound]
        self.cut += len(stripped.text) - len(shown) + max(0, len(raw) - 4 * limit)
        self.left -= len(shown)
        return shown

    def json(self, value: Any, limit: int = LONGEST_VALUE, depth: int = 0) -> Any:
        """Return any decoded JSON with all its texts, also those of its keys, prepared as by `text`."""
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, str | date):
            return self.text(value, limit)
        if depth >= _DEEPEST:
            self.cut += 1
            return None
        if isinstance(value, dict):
            return self._object(json_object(value), limit, depth)
        return self._list(json_list(value), limit, depth)

    def _object(self, value: dict[str, Any], limit: int, depth: int) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, each in list(value.items())[:_MOST_ITEMS]:
            if self.left <= 0:
                break
            shown[self.text(name, LONGEST_KEY)] = self.json(each, limit, depth + 1)
        self.cut += len(value) - len(shown)
        return shown

    def _list(self, value: list[Any], limit: int, depth: int) -> list[Any]:
        shown: list[Any] = []
        for each in value[:_MOST_ITEMS]:
            if self.left <= 0:
                break
            shown.append(self.json(each, limit, depth + 1))
        self.cut += len(value) - len(shown)
        return shown

    def notes(self) -> dict[str, int]:
        """Return the numbers of removed and cut characters, if they are not zero."""
        numbers = {"removed_characters": self.removed, "cut_characters": self.cut}
        return {name: number for name, number in numbers.items() if number}
