"""Splits the path of a request into its segments, and refuses each form that two programs could read differently.

A path is never passed on: the segments select an operation of the table, and the call is built from that. The checks
keep a segment from meaning one thing here and another thing to Sentry or to a proxy before it.
"""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from gateway.rejections import UnusablePathError
from vedette._core.printable import printable

LONGEST: Final = 4096
"""Bytes of a path; the longest operation of the table with the longest names that Sentry allows takes some 600."""
_PLAIN: Final = re.compile(rb"[A-Za-z0-9\-._~!$&'()*+,=:@/%]*")
"""The characters of a path by RFC 3986 without `;`, before which some servers cut a segment."""
_BROKEN_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_REFUSED_ESCAPE: Final = re.compile(rb"%(?:2[fF]|5[cC]|3[bB]|[01][0-9A-Fa-f]|7[fF])")
"""Escaped slashes, backslashes, semicolons and control characters."""
_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")


def split_path(raw: bytes) -> tuple[str, ...]:
    """Return the decoded segments of a path; a missing slash at its end makes no difference.

    Args:
        raw: The path as the request line has it, without the query.

    Raises:
        UnusablePathError: It has another meaning to some programs.
    """
    if not raw.startswith(b"/"):
        raise UnusablePathError("is no path but an address or a word")
    if len(raw) > LONGEST:
        raise UnusablePathError(f"has more than {LONGEST} bytes")
    if not _PLAIN.fullmatch(raw):
        raise UnusablePathError("holds a character that belongs into no path")
    if _BROKEN_ESCAPE.search(raw):
        raise UnusablePathError("holds a percent sign without two hexadecimal digits")
    if _REFUSED_ESCAPE.search(raw):
        raise UnusablePathError("holds an escaped slash, backslash, semicolon or control character")
    body = raw[1:].removesuffix(b"/")
    return tuple([_decode(each) for each in body.split(b"/")]) if body else ()


def _decode(segment: bytes) -> str:
    if b"%" in segment:
        try:
            text = unquote_to_bytes(segment).decode()
        except UnicodeDecodeError:
            raise UnusablePathError("is not UTF-8") from None
        if _ESCAPE.search(text):
            raise UnusablePathError("is percent-encoded twice")
        if printable(text) != text:
            raise UnusablePathError("holds an invisible character")
    else:
        text = segment.decode("ascii")
    if text in {"", ".", ".."}:
        raise UnusablePathError("holds an empty or a dot segment")
    return text
