"""Durations and rates as handler authors write them: 90, "90s", "5m", "24h"; "10/m"."""

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


class UnreadableDurationError(ValueError):
    """A duration or rate that cannot be read."""

    def __init__(self, text: object, right: str) -> None:
        self.text = text
        super().__init__(f"{text!r} cannot be read: write {right}")


def seconds(value: float | str) -> float:
    """Return a duration in seconds: a number of them, or a text such as `5m`.

    Raises:
        UnreadableDurationError: When it is neither, or not positive.
    """
    right = 'seconds, or a number and a unit such as "90s", "5m", "24h" or "7d"'
    if isinstance(value, str):
        found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)", value.strip())
        if found is None:
            raise UnreadableDurationError(value, right)
        value = float(found[1]) * _UNITS[found[2]]
    if not 0 < value < float("inf"):
        raise UnreadableDurationError(value, right)
    return float(value)


def rate(text: str) -> tuple[int, float]:
    """Return a rate such as `10/m` as a number and the seconds that it is counted over.

    Raises:
        UnreadableDurationError: When it is none.
    """
    found = re.fullmatch(r"([1-9]\d{0,6})/(\d{0,4})(s|m|h|d)", text.strip())
    if found is None or found[2].startswith("0"):
        raise UnreadableDurationError(text, 'a number and a time, such as "10/m" or "100/5m"')
    return int(found[1]), int(found[2] or 1) * _UNITS[found[3]]
