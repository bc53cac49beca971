"""Generates identifiers that sort by creation time, so that a listing needs no second index."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_BITS = _RANDOM_BITS + 50
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
"""Encodes two characters at a time, since the receiver makes an identifier for every delivery."""
_LENGTH = 26
_PAIR_BITS = 10


def new_identifier(milliseconds: int | None = None) -> str:
    """Return 26 lower-case letters and digits: 48 bits of time, then 80 random bits (the layout of a ULID).

    Args:
        milliseconds: Unix time to begin with; now unless given.
    """
    moment = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    return _encode((moment << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS), _BITS)


class IdGenerator:
    """A generator of identifiers that are strictly increasing, also within a millisecond.

    The low bits are a counter with a random start, so collisions between processes are improbable. Identifiers of
    several processes sort by time alone.
    """

    def __init__(self) -> None:
        self._moment = -1
        # The highest bit is 0, so that the counter does not overflow in the life of a process.
        self._count = secrets.randbits(_RANDOM_BITS - 1)
        self._time = self._block = ""

    def new(self, milliseconds: int) -> str:
        """Return an identifier with this Unix time, or with the previous one's where the clock was set back."""
        if milliseconds > self._moment:
            self._moment = milliseconds
            self._time = _encode(milliseconds, _BITS - _RANDOM_BITS)
        self._count += 1
        last = self._count & 1023
        if not self._block or last == 0:
            self._block = _encode(self._count >> _PAIR_BITS, _RANDOM_BITS - _PAIR_BITS)
        return self._time + self._block + _PAIRS[last]


def _encode(number: int, bits: int) -> str:
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(bits - _PAIR_BITS, -1, -_PAIR_BITS)])


def is_identifier(text: str) -> bool:
    """Return whether a text has the form of an identifier."""
    return len(text) == _LENGTH and all(letter in _ALPHABET for letter in text)
