"""Reads numbers with the units that Sentry knows: counts (`5k`), durations (`1.5h`) and sizes (`20mb`).

One letter can mean two things: `m` is a million of a count and a minute of a duration. The key decides.
"""

import re
from collections.abc import Mapping
from typing import Final

from vedette.search.facts.answers import Scalar
from vedette.search.syntax.operators import COMPARISONS

_NUMBER: Final = re.compile(r"(-?)([0-9]+(?:\.[0-9]*)?)([a-zA-Z]*)")
# Longer numbers are mistakes, and Python refuses to convert integers of more than 4300 digits.
_DIGITS: Final = 40

_COUNTS: Final = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}
_DURATIONS: Final = {
    "": 1,
    "ms": 1,
    "s": 1000,
    **dict.fromkeys(("min", "m"), 60_000),
    **dict.fromkeys(("hr", "h"), 3_600_000),
    **dict.fromkeys(("day", "d"), 86_400_000),
    **dict.fromkeys(("wk", "w"), 604_800_000),
}
_LETTERS: Final = "kmgtpezy"
_SIZES: Final = {
    "": 1,
    "bit": 0.125,
    "nb": 1,
    "bytes": 1,
    **{f"{letter}b": 1000 ** (power + 1) for power, letter in enumerate(_LETTERS)},
    **{f"{letter}ib": 1024 ** (power + 1) for power, letter in enumerate(_LETTERS)},
}


def _measure(text: str, units: Mapping[str, float], *, sign: bool) -> float | None:
    found = _NUMBER.fullmatch(text)
    if found is None or len(found[2]) > _DIGITS or (found[1] and not sign):
        return None
    unit = units.get(found[3].lower())
    if unit is None:
        return None
    # Whole numbers stay whole: ids of projects are longer than a float can hold.
    number = float(found[2]) if "." in found[2] else int(found[2])
    return (-number if found[1] else number) * unit


def read_count(text: str) -> float | None:
    """Return a number with `k`, `m` (million) or `b` (billion); None when it is none."""
    return _measure(text, _COUNTS, sign=True)


def read_duration(text: str) -> float | None:
    """Milliseconds, from a number with `ms`, `s`, `min`, `m`, `hr`, `h`, `day`, `d`, `wk`, `w` or nothing."""
    return _measure(text, _DURATIONS, sign=False)


def read_size(text: str) -> float | None:
    """Bytes, from a number with `bit`, `bytes`, `kb`, `kib` to `yb`, `yib` or nothing."""
    return _measure(text, _SIZES, sign=False)


def number_of(value: Scalar) -> float | None:
    """Return a value as a number; tags hold theirs as text."""
    if isinstance(value, str):
        return _measure(value, {"": 1}, sign=True)
    return value


class Compared:
    """A number in some relation to another."""

    __slots__ = ("_compare", "_number")

    def __init__(self, spelling: str, number: float) -> None:
        self._compare = COMPARISONS[spelling]
        self._number = number

    def matches(self, value: Scalar, /) -> bool:
        """Return whether the value is a number in that relation."""
        number = number_of(value)
        return number is not None and self._compare(number, self._number)
