"""Parses durations, ages and rates: 90, "90s", "1.5h", "2w"; "10/m"."""

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|w)", re.ASCII)


class UnreadableDurationError(ValueError):
    """A duration or rate that cannot be read."""

    def __init__(self, text: object, right: str) -> None:
        self.text = text
        super().__init__(f"{text!r} cannot be read: write {right}")


def parse_duration(value: float | str) -> float:
    """Return a duration in seconds: a number of them, or a text such as `5m`.

    Raises:
        UnreadableDurationError: When it is neither, or not positive.
    """
    right = 'seconds, or a number and a unit such as "90s", "5m", "24h" or "7d"'
    if isinstance(value, str):
        found = _seconds_of(value)
        if found is None:
            raise UnreadableDurationError(value, right)
        value = found
    if not 0 < value < float("inf"):
        raise UnreadableDurationError(value, right)
    return float(value)


def parse_age(text: str) -> int:
    """Return an age such as `30m` or `1.5d` in milliseconds; `0s` is the present.

    Raises:
        UnreadableDurationError: The text is not an age.
    """
    found = _seconds_of(text)
    if found is None:
        raise UnreadableDurationError(text, "a number and a unit, such as 30m, 24h or 7d")
    return round(found * 1000)


def _seconds_of(text: str) -> float | None:
    found = _DURATION.fullmatch(text.strip())
    return None if found is None else float(found[1]) * _UNITS[found[2]]


def parse_rate(text: str) -> tuple[int, float]:
    """Return a rate such as `10/m` as a number and the seconds that it is counted over.

    Raises:
        UnreadableDurationError: When it is none.
    """
    found = re.fullmatch(r"([1-9]\d{0,6})/(\d{0,4})(s|m|h|d)", text.strip())
    if found is None or found[2].startswith("0"):
        raise UnreadableDurationError(text, 'a number and a time, such as "10/m" or "100/5m"')
    return int(found[1]), int(found[2] or 1) * _UNITS[found[3]]
