"""Reads what headers say of times, however odd: finite, bounded numbers and dates, or nothing."""

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_WAIT: Final = 60.0
"""Seconds. A longer wait than Sentry's longest window is a clock that is off, or an edge that only guesses."""
_LONGEST_TEXT: Final = 64


def finite_number(text: str | None) -> float | None:
    """Return a number of plain digits; None for anything else: no text, `None`, `nan`, `inf`, 400 digits."""
    text = (text or "").strip()
    if len(text) > _LONGEST_TEXT or not text.isascii() or "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def date_number(text: str | None) -> float | None:
    """Return a date of RFC 9110 in seconds since the epoch; None where the text is none."""
    if not text or len(text) > _LONGEST_TEXT:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def sentrys_clock(headers: Mapping[str, str]) -> float:
    """Return the time by Sentry's `Date` header, so that our clock may be wrong; ours where there is none."""
    date = date_number(headers.get("date"))
    return time.time() if date is None else date


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` asks for, as a number or as a date, from 0 to `LONGEST_WAIT`."""
    text = headers.get("retry-after")
    seconds = finite_number(text)
    if seconds is None and (date := date_number(text)) is not None:
        seconds = date - sentrys_clock(headers)
    return None if seconds is None else bounded(seconds)


def bounded(seconds: float) -> float:
    """Return a wait between 0 and `LONGEST_WAIT` seconds."""
    return min(max(seconds, 0.0), LONGEST_WAIT)
