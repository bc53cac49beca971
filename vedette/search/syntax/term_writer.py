r"""Writes terms of a search for a program: any text is quoted so that it is parsed to the same text.

The one text that cannot be written is one that ends in a backslash, which would escape the closing quote; there a
wildcard follows it, and the term finds all that begins so.
"""

from collections.abc import Sequence
from typing import Final

from vedette.search.matching.wildcards import escaped
from vedette.search.syntax.scanner import printed_text

_BACKSLASH: Final = "\\"


def term(key: str, parts: Sequence[str]) -> str:
    """Return the term that finds values made of these literal parts with any text between each two of them.

    Args:
        key: how the search names it, such as `title` or `tags[browser]`.
        parts: one for an exact value; `["a", ""]` for all that begins with a. At least one says something.
    """
    *before, last = parts
    pattern = "".join(f"{_before_wildcard(part)}*" for part in before)
    pattern += f"{_before_wildcard(last)}*" if last.endswith(_BACKSLASH) else escaped(last)
    return f"{key}:{printed_text(pattern)}"


def _before_wildcard(text: str) -> str:
    """Escaped, with the backslashes at its end doubled: a single one would make the wildcard an asterisk."""
    stripped = text.rstrip(_BACKSLASH)
    return escaped(stripped) + _BACKSLASH * 2 * (len(text) - len(stripped))
