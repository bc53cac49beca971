"""Compares dates and relative times, with the precision that Sentry uses.

A day means the whole day, a moment means from five minutes before it until six after, and `-24h` means since then.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from vedette.search.facts.answers import Scalar
from vedette.search.syntax.operators import COMPARISONS

_DAY: Final = 86_400.0
_BEFORE, _AFTER = 300.0, 360.0
_UNITS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_RELATIVE: Final = re.compile(r"([+-])([0-9]{1,9})([mhdw])")
_ISO: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_LONGEST: Final = 100 * 366 * _DAY


class Span:
    """Moments from one, which belongs to it, until another, which does not; in Unix seconds."""

    __slots__ = ("_end", "_start")

    def __init__(self, start: float, end: float) -> None:
        self._start = start
        self._end = end

    def matches(self, value: Scalar, /) -> bool:
        """Return whether the value is a moment within."""
        moment = moment_of(value)
        return moment is not None and self._start <= moment < self._end


class Since:
    """Moments before or after another, in Unix seconds."""

    __slots__ = ("_compare", "_moment")

    def __init__(self, spelling: str, moment: float) -> None:
        self._compare = COMPARISONS[spelling]
        self._moment = moment

    def matches(self, value: Scalar, /) -> bool:
        """Return whether the value is a moment in that relation."""
        moment = moment_of(value)
        return moment is not None and self._compare(moment, self._moment)


def read_relative(text: str) -> tuple[str, float] | None:
    """Return a relative time such as `-24h` or `+7d`.

    Returns:
        The comparison and the seconds before now that it is made with: `(">=", 86400)` for `-24h`, "not longer ago".
        None when it is no relative time, or longer than a century.
    """
    found = _RELATIVE.fullmatch(text)
    seconds = int(found[2]) * _UNITS[found[3]] if found else 0
    if found is None or seconds > _LONGEST:
        return None
    return (">=" if found[1] == "-" else "<="), float(seconds)


def read_moment(text: str) -> tuple[float, bool] | None:
    """Return a date or moment in ISO 8601; UTC unless it says otherwise.

    Returns:
        Unix seconds, and whether it is a whole day. None when it is no date of the calendar.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    zone = "+00:00" if found[3] in {None, "Z"} else found[3]
    try:
        moment = datetime.fromisoformat(found[1] + (found[2] or "T00:00:00") + zone)
    except ValueError:
        return None
    # Plain arithmetic, because at the ends of the calendar datetime itself overflows.
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1), found[2] is None


def date_test(spelling: str, moment: float, *, whole_day: bool) -> Span | Since:
    """Compare with a date that was written with an operator, or without one (empty `spelling`)."""
    if spelling:
        return Since(spelling, moment)
    return Span(moment, moment + _DAY) if whole_day else Span(moment - _BEFORE, moment + _AFTER)


def moment_of(value: Scalar) -> float | None:
    """Return a value as Unix seconds; text is read as a date."""
    if isinstance(value, str):
        read = read_moment(value)
        return read[0] if read else None
    return value
