"""Makes text from outside safe to show: in a terminal, a log line or a page it has no effect but its letters.

Titles, tags, file names and user names of events are written by attackers; notes and errors of handlers may hold them.
Whatever shows such a text passes it through `printable` first, so that there is one place to get right.
"""

import re

LONGEST_TEXT = 4096
"""Characters that are kept of a note or an error of a handler."""
LONGEST_TRACE = 32_768
"""Characters that are kept of a traceback."""

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
"""More marks on one letter than any script has; they would be drawn over the lines around."""
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNPRINTABLE = "an error without readable text"


def printable(text: str, *, multiline: bool = False) -> str:
    r"""Return the text with every control, escape, bidirectional, invisible and tag character spelled out.

    Args:
        text: Any text, half surrogate pairs included.
        multiline: Keep line feeds and tabs, where several lines are shown on purpose, as of a traceback.

    Returns:
        A text that can be encoded as UTF-8, with at most eight combining marks in a row; `\x1b`, `\u202e` and
        `\U000e0041` stand for what was there.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _FLOOD.sub(r"\1…", text)
    if multiline:
        return _UNSAFE.sub(_spelled_multiline, text)
    return _UNSAFE.sub(_spelled, text)


def cropped(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return at most `limit` characters of the text; a cropped one ends with how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters were left out)"


def error_text(error: BaseException, limit: int = LONGEST_TEXT) -> str:
    """Return an error's own text, whatever its `__str__` does: encodable and cropped to `limit` characters."""
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 - a class of an author's whose __str__ raises anything must not hide the error
        return _UNPRINTABLE
    return encodable(cropped(text, limit))


def encodable(text: str) -> str:
    """Return the text with half surrogate pairs spelled out, so that it can be stored and sent as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _spelled(match: "re.Match[str]") -> str:
    letter = match.group()
    code = ord(letter)
    if letter in _SHORT:
        return _SHORT[letter]
    if code <= 0xFF:  # noqa: PLR2004 - the largest code that two digits hold
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the same for four


def _spelled_multiline(match: "re.Match[str]") -> str:
    return match.group() if match.group() in "\n\t" else _spelled(match)
