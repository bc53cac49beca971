"""Generalizes texts to patterns that similar ones share: a folder of a path, a message without its numbers.

A pattern is a tuple of literal parts with a wildcard between each two, so that asterisks and backslashes of the text
are only escaped when the pattern is written.
"""

import re
from typing import Final, TypeAlias

Pattern: TypeAlias = tuple[str, ...]

_VARIABLE: Final = re.compile(
    r"\b[a-z][a-z0-9+.-]*://[^\s'\"]+"  # addresses
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|'[^']*'|\"[^\"]*\"|`[^`]*`"
    r"|\b(?=[0-9a-fA-F-]*\d)[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{4,})*\b"  # hashes and UUIDs
    r"|\d+(?:[.,:_-]\d+)*",
)
_LONGEST_TEXT: Final = 300
_MOST_PARTS: Final = 8
_LEAST_LETTERS: Final = 8
_DEEPEST: Final = 4
_WORDS_OF_PREFIX: Final = range(3, 8)
_WORDS_OF_SUFFIX: Final = range(3, 6)


def message_patterns(text: str) -> list[Pattern]:
    """Return patterns of a message: of the whole without its variables, of its beginnings, and of its ends."""
    text = text[:_LONGEST_TEXT]
    spans = [found.span() for found in re.finditer(r"\S+", text)]
    is_whole = len(text) < _LONGEST_TEXT
    beginnings = [text[: spans[count - 1][1]] for count in _WORDS_OF_PREFIX if count < len(spans)]
    ends = [text[spans[-count][0] :] for count in _WORDS_OF_SUFFIX if is_whole and count < len(spans)]
    found = [
        mask_variables(text, whole=is_whole),
        *(mask_variables(beginning, whole=False) for beginning in beginnings),
        *(_begun(mask_variables(end, whole=True)) for end in ends),
    ]
    return [pattern for pattern in dict.fromkeys(found) if is_specific(pattern)]


def mask_variables(text: str, *, whole: bool) -> Pattern:
    """Replace each variable part of a text by a wildcard; unless it is the whole text, a wildcard follows."""
    parts = _VARIABLE.split(text)
    if len(parts) > _MOST_PARTS:
        parts, whole = parts[:_MOST_PARTS], False
    return tuple(parts) if whole else _ended(tuple(parts))


def path_patterns(path: str, separator: str) -> list[Pattern]:
    """Return the folders of a path, the outermost first, up to the first variable part."""
    steps = path.split(separator)[:-1]
    found: list[Pattern] = []
    for count in range(1, min(len(steps), _DEEPEST) + 1):
        start = separator.join(steps[:count]) + separator
        if len(start) > len(separator) and start.strip("./~") and not _VARIABLE.search(start):
            found.append((start, ""))
    return found


def is_specific(pattern: Pattern) -> bool:
    """Return whether a pattern is specific: a few letters around wildcards would match unrelated texts."""
    return sum(letter.isalpha() for part in pattern for letter in part) >= _LEAST_LETTERS


def _ended(pattern: Pattern) -> Pattern:
    return pattern if pattern[-1] == "" and len(pattern) > 1 else (*pattern, "")


def _begun(pattern: Pattern) -> Pattern:
    return pattern if pattern[0] == "" and len(pattern) > 1 else ("", *pattern)
