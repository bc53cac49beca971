"""Finds the known name that a misspelt one most likely means, for the texts of errors."""

import difflib
from collections.abc import Iterable

SIMILAR = 0.6
"""How alike two names have to be, from 0 to 1, so that one is offered for the other."""


def nearest_name(written: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to what was written, letter case aside, or None where nothing is near."""
    by_folded = {name.casefold(): name for name in sorted(known)}
    near = difflib.get_close_matches(written.casefold(), by_folded, n=1, cutoff=SIMILAR)
    return by_folded[near[0]] if near else None


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """Return `: did you mean NAME?` for the nearest known name, or an empty text where nothing is near."""
    near = nearest_name(written, known)
    return "" if near is None else f": did you mean {near}?"
