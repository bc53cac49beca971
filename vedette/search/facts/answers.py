"""Defines the answer for one key: its known values, and whether these are complete.

One shape for three cases that must not be confused: known to have values, known to have none, and not known. A fourth
falls out of it: some values are known, there may be more (an issue's metadata names one frame of its stack trace).
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias

from vedette._core.json_values import values_of

Scalar: TypeAlias = str | int | float | bool
"""A value to compare; moments are Unix seconds."""


class Answer(NamedTuple):
    """Values of a key.

    Attributes:
        values: those that are known.
        complete: whether there are no others. Without values, complete means absent and incomplete means unknown.
    """

    values: tuple[Scalar, ...]
    complete: bool

    def merged(self, below: "Answer") -> "Answer":
        """Return this answer, completed by a second source where this one does not know all."""
        if self.complete or below == NOT_KNOWN:
            return self
        return below if below.complete else Answer(self.values + below.values, complete=False)


_DIGITS = 18
ABSENT = Answer((), complete=True)
NOT_KNOWN = Answer((), complete=False)


def answer_of(value: object) -> Answer:
    """Return a complete answer made of whatever a payload or an API holds.

    None, empty text and empty lists are absent, as Sentry itself treats them. Datetimes become Unix seconds; what
    cannot be compared (objects, NaN) counts as absent.
    """
    if isinstance(value, Answer):
        return value
    if isinstance(value, str):
        return Answer((value,), complete=True) if value else ABSENT
    if isinstance(value, Iterable):
        # Frames repeat themselves, and every rule would compare each of them. True and 1 are equal, but not the same.
        found = tuple({(type(one), one): one for one in _scalars(values_of(value))}.values())
        return Answer(found, complete=True) if found else ABSENT
    found = tuple(_scalars((value,)))
    return Answer(found, complete=True) if found else ABSENT


def partial(value: object) -> Answer:
    """Like `answer_of`, where there may be more values than these."""
    return Answer(answer_of(value).values, complete=False)


def whole_number(text: str | None) -> int | str | None:
    """Return an id that is made of digits as a number, since searches compare it as one; others stay text."""
    # 18 digits always are a 64-bit number, as Sentry's ids are.
    return int(text) if text and len(text) <= _DIGITS and text.isascii() and text.isdecimal() else text


def _scalars(values: Iterable[object]) -> Iterable[Scalar]:
    for value in values:
        if isinstance(value, datetime):
            yield (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
        elif (isinstance(value, float) and math.isnan(value)) or value == "":
            continue
        elif isinstance(value, str | int | float):
            yield value
