"""Puts texts from outside into Markdown, where they show as they are and have no effect.

Titles, tags and names of events are chosen by whoever can make an application fail. In a comment, or in the
description of a tracker's item, they must not become links, images, HTML, mentions or references. What a value may
hold depends on where the author's own Markdown puts it: in running text, in a code span, or in an address.
"""

import re
from typing import Final
from urllib.parse import quote, urlsplit

from vedette._core.printable import printable

_BEGIN, _END, _OWN = "\ue000", "\ue001", "\ue002"
"""Marks around a value, and one before an address of Sentry's; private letters, which are taken out of all else."""
_MARKS: Final = re.compile(f"[{_BEGIN}{_END}{_OWN}]")
_JOINER: Final = "\u2060"
"""Shows as nothing and keeps `@name` and `#1` from being read as a mention or a reference, which no backslash does."""
_ENTITIES: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}
_SPECIAL: Final = re.compile(
    r"[\\`*{}\[\]|$~!<>&\"]|(?<![a-zA-Z0-9])_|_(?![a-zA-Z0-9])|:(?=//)|(?<=www)\.|@|#(?=\w)", re.IGNORECASE
)
_AT_START: Final = re.compile(r"[#+\-=(:]|\d+(?=[.)])")
_ADDRESS_BEGINS: Final = re.compile(r"(?:\]\(\s*<?|\]:[ \t]*<?|<)\Z|<[a-zA-Z/][^<>]*=\s*[\"']?\Z")
_ADDRESS_GOES_ON: Final = re.compile(
    r"(?:\]\(\s*<?[^\s()<>]+|\]:[ \t]*<?[^\s<>]+|\bhttps?://[^\s<>]*|<[a-zA-Z/][^<>]*)\Z", re.IGNORECASE
)
_UNSAFE_IN_ADDRESS: Final = re.compile(r"[\s\"'<>\\^`{}|()\[\]*~!$@]")
_ACTIVE_IN_QUOTED: Final = re.compile(r"~|(?<![a-zA-Z0-9])_|_(?![a-zA-Z0-9])")
_LOOKED_BACK: Final = 2000
"""Characters before a value that tell where it stands."""
_RUN: Final = re.compile("`+")


class WebAddress(str):
    """An address that begins with http or https, in which nothing can end it early or mean anything in Markdown."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str | None) -> "WebAddress | None":
        """Return the text as an address, or None where it is none that may be a link."""
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
    """Return Markdown, in one line, that shows a text as it is.

    Args:
        text: Any text from outside, such as an issue's title.
    """
    line = printable(" ".join(unmarked(text).split()))
    start = _AT_START.match(line)
    escaped = _SPECIAL.sub(_escaped, line)
    if start is None:
        return escaped
    # What makes a line a heading, a list or a rule, or what goes before it a link, does so at its start alone.
    number = start[0] if start[0].isdecimal() else ""
    return f"{number}\\{escaped[len(number) :]}" if escaped[len(number)] != "\\" else escaped


def marked(value: object) -> str:
    """Return a value as a text that `in_markdown`, `in_address` and `in_plain_text` tell from the author's own."""
    own = _OWN if isinstance(value, WebAddress) else ""
    return f"{_BEGIN}{own}{unmarked(str(value))}{_END}"


def unmarked(text: str) -> str:
    """Return a text without marks."""
    return _MARKS.sub("", text)


def in_plain_text(text: str) -> str:
    """Return a text with marked values as plain text."""
    return unmarked(text)


def in_markdown(text: str, *, longest: int) -> str:
    """Return a text with marked values as Markdown, in which the values have no effect.

    Args:
        text: Markdown of an author's, with marked values.
        longest: Characters that it may have; the rest is cut off.
    """
    pieces = _pieces(text)
    made = _composed(pieces, _in_code(pieces))
    if len(made) <= longest:
        return made
    # What is cut off may have ended a code span, so that nothing counts as within one.
    return f"{_composed(pieces, frozenset())[: longest - 1]}…"


def in_address(text: str) -> WebAddress | None:
    """Return a text with marked values as an address, or None where it is none that may be a link."""
    pieces = _pieces(text)
    made = ""
    for place, piece in enumerate(pieces):
        made += _in_address(unmarked(piece), is_start=not made.strip()) if place % 2 else piece
    return WebAddress.of(made.strip())


def _pieces(text: str) -> list[str]:
    """Return the author's own texts, with the values between them at the odd places."""
    return re.split(f"{_BEGIN}([^{_END}]*){_END}", text)


def _composed(pieces: list[str], in_code: frozenset[int]) -> str:
    made = ""
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            made += piece
            continue
        value, before = unmarked(piece), made[-_LOOKED_BACK:]
        if place in in_code:
            made += " ".join(value.replace("`", "'").split())
        elif _ADDRESS_BEGINS.search(before):
            made += _in_address(value, is_start=True)
        elif _ADDRESS_GOES_ON.search(before):
            made += _in_address(value, is_start=False)
        else:
            made += value if piece.startswith(_OWN) else _in_text(value)
    return made


def _in_text(value: str) -> str:
    before = " " if value[:1].isspace() else ""
    after = " " if value[-1:].isspace() and value.strip() else ""
    return f"{before}{escape_markdown(value)}{after}"


def _in_address(value: str, *, is_start: bool) -> str:
    """Return a value as part of an address: a whole one where it begins there, else without any delimiter."""
    if is_start:
        return WebAddress.of(value.strip()) or _quoted(value, safe="")
    return _quoted(value, safe="/")


def _quoted(value: str, *, safe: str) -> str:
    # Addresses are Markdown as well where nobody makes a link of them.
    return _ACTIVE_IN_QUOTED.sub(lambda found: "%7E" if found[0] == "~" else "%5F", quote(value, safe=safe))


def _in_code(pieces: list[str]) -> frozenset[int]:
    """Return the places of values that certainly are within a code span of the author's, where escapes would show.

    Code spans begin and end in one line here. Where a backtick has no partner in its line, or something else in the
    text could take one for itself, no value counts as within code.
    """
    own = "".join(_BEGIN if place % 2 else piece for place, piece in enumerate(pieces))
    if "`" not in own or "\\`" in own or "<" in own:
        return frozenset()
    found: set[int] = set()
    values = 0
    for line in own.splitlines(keepends=True):
        spans = _spans(line)
        if spans is None:
            return frozenset()
        for letter in re.finditer(_BEGIN, line):
            if any(begin < letter.start() < end for begin, end in spans):
                found.add(2 * values + 1)
            values += 1
    return frozenset(found)


def _spans(line: str) -> list[tuple[int, int]] | None:
    """Return where code spans begin and end; None where a run of backticks has no partner."""
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


def _escaped(found: "re.Match[str]") -> str:
    letter = found[0]
    if letter in "@#":
        return f"{letter}{_JOINER}"
    if letter == "!" and found.string[found.end() : found.end() + 1].isdecimal():
        return f"\\!{_JOINER}"
    return _ENTITIES.get(letter, f"\\{letter}")
