"""Escapes foreign texts in Markdown, so that they are displayed literally.

Anyone who can cause an error in an application controls titles, tags and names of events. In a comment, or in the
description of a tracker's item, they must not become links, images, HTML, mentions or references. The escaping depends
on the context in the author's own Markdown: running text, a code span, or an address.
"""

import re
from typing import Final
from urllib.parse import quote, urlsplit

from vedette._core.printable import printable

_BEGIN, _END, _OWN = "\ue000", "\ue001", "\ue002"
"""Marks around a value, and a mark before a safe address; private-use characters, which are removed from all texts."""
_MARKS: Final = re.compile(f"[{_BEGIN}{_END}{_OWN}]")
_JOINER: Final = "\u2060"
"""An invisible character that prevents a mention (`@name`) or a reference (`#1`), which a backslash does not."""
_ENTITIES: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}
_SPECIAL: Final = re.compile(
    r"[\\`*{}\[\]|$~!<>&\"]|(?<![a-zA-Z0-9])_|_(?![a-zA-Z0-9])|:(?=//)|(?<=www)\.|@|#(?=\w)", re.IGNORECASE
)
_AT_START: Final = re.compile(r"[#+\-=(:]|\d+(?=[.)])")
_BEFORE_ADDRESS: Final = re.compile(r"(?:\]\(\s*<?|\]:[ \t]*<?|<)\Z|<[a-zA-Z/][^<>]*=\s*[\"']?\Z")
_WITHIN_ADDRESS: Final = re.compile(
    r"(?:\]\(\s*<?[^\s()<>]+|\]:[ \t]*<?[^\s<>]+|\bhttps?://[^\s<>]*|<[a-zA-Z/][^<>]*)\Z", re.IGNORECASE
)
_UNSAFE_IN_ADDRESS: Final = re.compile(r"[\s\"'<>\\^`{}|()\[\]*~!$@]")
_ACTIVE_IN_QUOTED: Final = re.compile(r"~|(?<![a-zA-Z0-9])_|_(?![a-zA-Z0-9])")
_LOOKED_BACK: Final = 2000
"""Characters before a value by which its context is determined."""
_RUN: Final = re.compile("`+")


class WebAddress(str):
    """An http or https URL without characters that end it early or have a meaning in Markdown."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str | None) -> "WebAddress | None":
        """Return the text as an address, or None if it may not be a link."""
        try:
            parts = urlsplit(text or "")
        except ValueError:
            return None
        if text is None or parts.scheme not in {"http", "https"} or not parts.netloc or "@" in parts.netloc:
            return None
        if text != printable(text) or any(letter.isspace() for letter in text):
            return None
        return cls(_UNSAFE_IN_ADDRESS.sub(lambda found: quote(found[0], safe=""), text))


def escape_markdown(text: str) -> str:
    """Return Markdown, in one line, that displays a text literally.

    Args:
        text: A foreign text, such as an issue's title.
    """
    line = printable(" ".join(strip_marks(text).split()))
    start = _AT_START.match(line)
    escaped = _SPECIAL.sub(_escape_letter, line)
    if start is None:
        return escaped
    # Headings, lists, rules and link suffixes are recognised at the start of a line only.
    number = start[0] if start[0].isdecimal() else ""
    return f"{number}\\{escaped[len(number) :]}" if escaped[len(number)] != "\\" else escaped


def mark_value(value: object) -> str:
    """Return a value with marks by which the `render_` functions distinguish it from the author's text."""
    own = _OWN if isinstance(value, WebAddress) else ""
    return f"{_BEGIN}{own}{strip_marks(str(value))}{_END}"


def strip_marks(text: str) -> str:
    """Return a text without marks."""
    return _MARKS.sub("", text)


def render_plain_text(text: str) -> str:
    """Return a text with marked values as plain text."""
    return strip_marks(text)


def render_markdown(text: str, *, longest: int) -> str:
    """Return a text with marked values as Markdown in which the values are displayed literally.

    Args:
        text: Markdown of an author, with marked values.
        longest: The largest number of characters; the rest is cut off.
    """
    pieces = _split_values(text)
    made = _compose(pieces, _find_values_in_code(pieces))
    if len(made) <= longest:
        return made
    # The part that is cut off may have closed a code span, so no value counts as within one.
    return f"{_compose(pieces, frozenset())[: longest - 1]}…"


def render_address(text: str) -> WebAddress | None:
    """Return a text with marked values as an address, or None if it may not be a link."""
    pieces = _split_values(text)
    made = ""
    for place, piece in enumerate(pieces):
        made += _quote_in_address(strip_marks(piece), is_start=not made.strip()) if place % 2 else piece
    return WebAddress.parse(made.strip())


def _split_values(text: str) -> list[str]:
    """Return the author's texts at even positions and the values between them at odd ones."""
    return re.split(f"{_BEGIN}([^{_END}]*){_END}", text)


def _compose(pieces: list[str], in_code: frozenset[int]) -> str:
    made = ""
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            made += piece
            continue
        value, before = strip_marks(piece), made[-_LOOKED_BACK:]
        if place in in_code:
            made += " ".join(value.replace("`", "'").split())
        elif _BEFORE_ADDRESS.search(before):
            made += _quote_in_address(value, is_start=True)
        elif _WITHIN_ADDRESS.search(before):
            made += _quote_in_address(value, is_start=False)
        else:
            made += value if piece.startswith(_OWN) else _escape_in_text(value)
    return made


def _escape_in_text(value: str) -> str:
    before = " " if value[:1].isspace() else ""
    after = " " if value[-1:].isspace() and value.strip() else ""
    return f"{before}{escape_markdown(value)}{after}"


def _quote_in_address(value: str, *, is_start: bool) -> str:
    """Return a value as part of an address: a complete address at its start, else without delimiters."""
    if is_start:
        return WebAddress.parse(value.strip()) or _quote(value, safe="")
    return _quote(value, safe="/")


def _quote(value: str, *, safe: str) -> str:
    # An address outside a link is Markdown text as well.
    return _ACTIVE_IN_QUOTED.sub(lambda found: "%7E" if found[0] == "~" else "%5F", quote(value, safe=safe))


def _find_values_in_code(pieces: list[str]) -> frozenset[int]:
    """Return the positions of values that certainly are within a code span, in which escapes would be visible.

    Code spans are recognised within one line. Where a backtick is unpaired in its line, or may belong to another
    construct, no value counts as within code.
    """
    own = "".join(_BEGIN if place % 2 else piece for place, piece in enumerate(pieces))
    if "`" not in own or "\\`" in own or "<" in own:
        return frozenset()
    found: set[int] = set()
    values = 0
    for line in own.splitlines(keepends=True):
        spans = _find_code_spans(line)
        if spans is None:
            return frozenset()
        for letter in re.finditer(_BEGIN, line):
            if any(begin < letter.start() < end for begin, end in spans):
                found.add(2 * values + 1)
            values += 1
    return frozenset(found)


def _find_code_spans(line: str) -> list[tuple[int, int]] | None:
    """Return the start and end of each code span; None where a run of backticks is unpaired."""
    spans: list[tuple[int, int]] = []
    runs = list(_RUN.finditer(line))
    while runs:
        first = runs.pop(0)
        partner = next((number for number, run in enumerate(runs) if len(run[0]) == len(first[0])), None)
        if partner is None:
            return None
        spans.append((first.start(), runs[partner].end()))
        del runs[: partner + 1]
    return spans


def _escape_letter(found: "re.Match[str]") -> str:
    letter = found[0]
    if letter in "@#":
        return f"{letter}{_JOINER}"
    if letter == "!" and found.string[found.end() : found.end() + 1].isdecimal():
        return f"\\!{_JOINER}"
    return _ENTITIES.get(letter, f"\\{letter}")
