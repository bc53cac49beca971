"""Escapes foreign text for display, so that it has no effect in a terminal, a log line or a page.

Attackers can control titles, tags, file names and user names of events; notes and errors of handlers may contain them.
All code that displays such a text passes it through `printable` first.
"""

import re
from dataclasses import dataclass

LONGEST_TEXT = 4096
"""Characters that are stored of a note or an error of a handler."""
LONGEST_TRACE = 32_768
"""Characters that are stored of a traceback."""

_UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: escape sequences begin with one of them
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # invisible letters and marks
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, line separators, bidirectional overrides and isolates
    "\u2800\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff"  # halves of surrogate pairs, which no stream can encode
    "\U000110bd\U000110cd\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"  # tag characters and the variation selectors that can carry hidden text
    "]"
)
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_FLOOD = re.compile(f"({_MARK}{{8}}){_MARK}+")
"""More combining marks on one letter than any script has; they would cover the adjacent lines."""
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNPRINTABLE = "an error without readable text"


def printable(text: str, *, multiline: bool = False) -> str:
    r"""Return the text with every control, escape, bidirectional, invisible and tag character spelled out.

    Args:
        text: Any text, half surrogate pairs included.
        multiline: Keep line feeds and tabs, where several lines are intended, as of a traceback.

    Returns:
        A text that can be encoded as UTF-8, with at most eight combining marks in a row, and with escapes such as
        `\x1b`, `\u202e` and `\U000e0041` in place of the others.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _FLOOD.sub(r"\1…", text)
    if multiline:
        return _UNSAFE.sub(_escape_multiline, text)
    return _UNSAFE.sub(_escape, text)


@dataclass(frozen=True, slots=True)
class StrippedText:
    """A text without the characters that are not seen or that change how others are seen."""

    text: str
    removed: int
    """Number of characters that were removed."""


def strip_invisible(text: str) -> StrippedText:
    r"""Remove the characters that `printable` spells out, except line feeds and tabs, and say how many they were.

    For readers such as language models, which take an escape such as `\u202e` for a part of the text.
    """
    if text.isascii() and text.isprintable():
        return StrippedText(text, 0)
    kept = _UNSAFE.sub(lambda match: match.group() if match.group() in "\n\t" else "", text)
    kept = _FLOOD.sub(r"\1", kept)
    return StrippedText(kept, len(text) - len(kept))


def cropped(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return at most `limit` characters of the text; a cropped text ends with the number of those left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters were left out)"


def error_text(error: BaseException, limit: int = LONGEST_TEXT) -> str:
    """Return an error's text, encodable and cropped to `limit` characters, also where its `__str__` raises."""
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 - the __str__ of an author's class may raise anything, which must not hide the error
        return _UNPRINTABLE
    return encodable(cropped(text, limit))


def encodable(text: str) -> str:
    """Return the text with lone surrogates escaped, so that it can be stored and sent as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _escape(match: "re.Match[str]") -> str:
    letter = match.group()
    code = ord(letter)
    if letter in _SHORT:
        return _SHORT[letter]
    if code <= 0xFF:  # noqa: PLR2004 - the largest code that two digits hold
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the same for four


def _escape_multiline(match: "re.Match[str]") -> str:
    return match.group() if match.group() in "\n\t" else _escape(match)
