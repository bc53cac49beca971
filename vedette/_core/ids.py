"""Identifiers that sort by the time they were made, so that a listing needs no second index."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_BITS = _RANDOM_BITS + 50
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
"""Two characters at a time: the door makes one of these for every delivery."""
_PAIR_BITS = 10


def new_identifier(milliseconds: int | None = None) -> str:
    """Return 26 lower-case letters and digits: 48 bits of time, then 80 random bits (the layout of a ULID).

    Args:
        milliseconds: Unix time to begin with; now unless given.
    """
    moment = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    return _written((moment << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS), _BITS)


class IdGenerator:
    """Makes identifiers that sort in the order in which they are made, also within a millisecond.

    Where others have random bits these count on from a random beginning, so those of two processes hardly ever meet.
    The order holds within a process. Those of several, whose clocks differ by more, sort by time alone.
    """

    def __init__(self) -> None:
        self._moment = -1
        # The highest bit stays clear, so that no process lives long enough to count beyond the last one.
        self._count = secrets.randbits(_RANDOM_BITS - 1)
        self._time = self._block = ""

    def new(self, milliseconds: int) -> str:
        """Return one that begins with this Unix time, or with that of the one before where the clock went back."""
        if milliseconds > self._moment:
            self._moment = milliseconds
            self._time = _written(milliseconds, _BITS - _RANDOM_BITS)
        self._count += 1
        last = self._count & 1023
        if not self._block or last == 0:
            self._block = _written(self._count >> _PAIR_BITS, _RANDOM_BITS - _PAIR_BITS)
        return self._time + self._block + _PAIRS[last]


def _written(number: int, bits: int) -> str:
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(bits - _PAIR_BITS, -1, -_PAIR_BITS)])
