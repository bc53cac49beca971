"""Identifiers that sort by the time they were made, so that a listing needs no second index."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_STEP_BITS = 48
"""How far apart two of one millisecond are: 2**31 of them fit, and those of another process hardly ever meet them."""
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
"""Two characters at a time: the door makes one of these for every delivery."""
_SHIFTS = tuple(range(120, -1, -10))


def new_identifier(milliseconds: int | None = None) -> str:
    """Return 26 lower-case letters and digits: 48 bits of time, then 80 random bits (the layout of a ULID).

    Args:
        milliseconds: Unix time to begin with; now unless given.
    """
    moment = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    return _written((moment << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS))


class Identifiers:
    """Makes identifiers that sort in the order in which they are made, also within a millisecond.

    That holds within a process. Those of several, whose clocks differ by more, sort by time alone.
    """

    def __init__(self) -> None:
        self._last = 0

    def new(self, milliseconds: int) -> str:
        """Return one that begins with this Unix time, or with that of the one before where the clock went back."""
        number = (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS - 1)
        if number <= self._last or self._last >> _RANDOM_BITS == milliseconds:
            number = self._last + 1 + secrets.randbits(_STEP_BITS)
        self._last = number
        return _written(number)


def _written(number: int) -> str:
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS])
