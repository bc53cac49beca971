"""Finds the known name that is most similar to a misspelt one, for error messages."""

import difflib
from collections.abc import Iterable

SIMILAR = 0.6
"""The similarity, from 0 to 1, from which a name is suggested."""


def find_nearest_name(written: str, known: Iterable[str]) -> str | None:
    """Return the most similar known name, ignoring case, or None where no name is similar."""
    by_folded = {name.casefold(): name for name in sorted(known)}
    near = difflib.get_close_matches(written.casefold(), by_folded, n=1, cutoff=SIMILAR)
    return by_folded[near[0]] if near else None


def did_you_mean(written: str, known: Iterable[str], *, quote: str = "") -> str:
    """Return `: did you mean NAME?` for the most similar known name, or an empty text where no name is similar.

    Args:
        written: The unknown name.
        known: The known ones.
        quote: The mark on both sides of the name, for a text that is written between such marks.
    """
    near = find_nearest_name(written, known)
    return "" if near is None else f": did you mean {quote}{near}{quote}?"


def edit_distance(one: str, other: str, at_most: int = 2) -> int:
    """Return the edit distance: substitutions, deletions, insertions and transpositions of adjacent letters.

    Args:
        one: A text.
        other: Another text.
        at_most: The largest distance of interest; a larger one is returned as `at_most + 1`.
    """
    if abs(len(one) - len(other)) > at_most:
        return at_most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        above, row = row, [place]
        for column, wanted in enumerate(other, start=1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != wanted)))
            swapped = place > 1 and column > 1 and letter == other[column - 2] and one[place - 2] == wanted
            if swapped:
                row[-1] = min(row[-1], before[column - 2] + 1)
        before = above
    return min(row[-1], at_most + 1)
