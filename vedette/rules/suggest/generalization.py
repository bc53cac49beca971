"""From one text to patterns that others like it share: a folder of a path, a message without its numbers.

A pattern is a tuple of literal parts with a wildcard between each two, so that asterisks and backslashes of the text
itself stay what they are until the pattern is written down.
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
    """Patterns of a message: as a whole without what varies, by how it begins, and by how it ends."""
    text = text[:_LONGEST_TEXT]
    spans = [found.span() for found in re.finditer(r"\S+", text)]
    is_whole = len(text) < _LONGEST_TEXT
    beginnings = [text[: spans[count - 1][1]] for count in _WORDS_OF_PREFIX if count < len(spans)]
    ends = [text[spans[-count][0] :] for count in _WORDS_OF_SUFFIX if is_whole and count < len(spans)]
    found = [
        masked(text, whole=is_whole),
        *(masked(beginning, whole=False) for beginning in beginnings),
        *(_begun(masked(end, whole=True)) for end in ends),
    ]
    return [pattern for pattern in dict.fromkeys(found) if says_enough(pattern)]


def masked(text: str, *, whole: bool) -> Pattern:
    """The text with a wildcard for each part that varies from case to case; `whole` says that nothing follows it."""
    parts = _VARIABLE.split(text)
    if len(parts) > _MOST_PARTS:
        parts, whole = parts[:_MOST_PARTS], False
    return tuple(parts) if whole else _ended(tuple(parts))


def path_patterns(path: str, separator: str) -> list[Pattern]:
    """The folders that a path lies in, the outermost first; none where there is a part that varies before it."""
    steps = path.split(separator)[:-1]
    found: list[Pattern] = []
    for count in range(1, min(len(steps), _DEEPEST) + 1):
        start = separator.join(steps[:count]) + separator
        if len(start) > len(separator) and start.strip("./~") and not _VARIABLE.search(start):
            found.append((start, ""))
    return found


def says_enough(pattern: Pattern) -> bool:
    """Whether a pattern names something: a few letters around wildcards would match what nobody meant."""
    return sum(letter.isalpha() for part in pattern for letter in part) >= _LEAST_LETTERS


def _ended(pattern: Pattern) -> Pattern:
    return pattern if pattern[-1] == "" and len(pattern) > 1 else (*pattern, "")


def _begun(pattern: Pattern) -> Pattern:
    return pattern if pattern[0] == "" and len(pattern) > 1 else ("", *pattern)
