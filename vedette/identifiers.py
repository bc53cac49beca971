"""Identifiers that sort by the time they were made, so that a listing needs no second index."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
"""Two characters at a time: the door makes one of these for every delivery."""
_SHIFTS = tuple(range(120, -1, -10))


def new_identifier(milliseconds: int | None = None) -> str:
    """Return 26 lower-case letters and digits: 48 bits of time, then 80 random bits (the layout of a ULID).

    Args:
        milliseconds: Unix time to begin with; now unless given.
    """
    moment = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    number = (moment << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS])
