r"""Matches text with wildcards, without regular expressions.

A pattern such as `a*b*c*d` as a regular expression takes exponential time on unlucky text. Here the literal parts are
searched one after the other, so that the time is bounded for any pattern and any error message.

In a pattern `*` matches any text. A backslash before an asterisk makes it an ordinary one, and two backslashes
before it are one backslash and a wildcard; anywhere else a backslash is itself, so that Windows paths can be written.
"""

import re
from typing import Final, Protocol

from vedette.search.facts.answers import Scalar

_ASTERISK: Final = re.compile(r"(?<!\\)(\\*+)\*")


class Test(Protocol):
    """A comparison with one value."""

    def matches(self, value: Scalar, /) -> bool:
        """Return whether the value is searched for. Values of the wrong type do not match; nothing is raised."""
        ...


def text_of(value: Scalar) -> str:
    """Return a value as Sentry would write it into a tag."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def literal_parts(pattern: str) -> list[str]:
    """Return the texts between the wildcards of a pattern; one when it has no wildcard."""
    parts, start, literal = [""], 0, ""
    for found in _ASTERISK.finditer(pattern):
        backslashes = len(found[1])
        literal = pattern[start : found.start()] + "\\" * (backslashes // 2)
        parts[-1] += literal
        if backslashes % 2:
            parts[-1] += "*"
        else:
            parts.append("")
        start = found.end()
    parts[-1] += pattern[start:]
    return parts


def escaped(text: str) -> str:
    """Return the pattern that matches this text alone: what `literal_parts` gives back as one part."""
    return _ASTERISK.sub(lambda found: found[1] * 2 + r"\*", text)


class Exactly:
    """The same text. Sentry distinguishes capitals here, though not with wildcards."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def matches(self, value: Scalar, /) -> bool:
        """Return whether it is the same text."""
        return value == self._text if isinstance(value, str) else text_of(value) == self._text


class Loosely:
    """The same text but for capitals."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text.lower()

    def matches(self, value: Scalar, /) -> bool:
        """Return whether it is the same text but for capitals."""
        return text_of(value).lower() == self._text


class Wildcard:
    """Text around wildcards, from the value's first character to its last, whatever the capitals."""

    __slots__ = ("_first", "_last", "_least", "_middle")

    def __init__(self, parts: list[str]) -> None:
        self._first, *middle, self._last = (part.lower() for part in parts)
        self._middle = [part for part in middle if part]
        self._least = len(self._first) + len(self._last)

    def matches(self, value: Scalar, /) -> bool:
        """Return whether the literal parts follow each other in the value."""
        text = text_of(value).lower()
        if len(text) < self._least or not text.startswith(self._first) or not text.endswith(self._last):
            return False
        place, end = len(self._first), len(text) - len(self._last)
        for part in self._middle:
            place = text.find(part, place, end)
            if place < 0:
                return False
            place += len(part)
        return True


class Contains:
    """Text that occurs in the value, whatever the capitals: how Sentry searches messages."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text.lower()

    def matches(self, value: Scalar, /) -> bool:
        """Return whether the text occurs in the value."""
        return self._text in text_of(value).lower()


def pattern_test(pattern: str) -> Test:
    """Compare with a value as Sentry does for most keys: exactly, or by wildcards."""
    parts = literal_parts(pattern)
    return Exactly(parts[0]) if len(parts) == 1 else Wildcard(parts)


def loose_test(pattern: str) -> Test:
    """Compare whatever the capitals: for short ids."""
    parts = literal_parts(pattern)
    return Loosely(parts[0]) if len(parts) == 1 else Wildcard(parts)


def message_test(pattern: str) -> Test:
    """Compare as Sentry does for messages and free text: contained in it, unless wildcards say where."""
    parts = literal_parts(pattern)
    return Contains(parts[0]) if len(parts) == 1 else Wildcard(parts)
