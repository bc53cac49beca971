"""Dates as Sentry writes them, because its two spellings in one payload are a trap that receivers must meet here first.

`issue.created`, `error.datetime` and comment timestamps read `...+00:00` (with the fraction left out when it is zero);
everything else reads `....ffffffZ`.
"""

from __future__ import annotations

from datetime import UTC, datetime


def zulu(moment: datetime | None) -> str | None:
    """Return `moment` as `2026-10-04T06:12:09.184000Z`, or None for None."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def isoformat(moment: datetime) -> str:
    """Return `moment` as `2026-10-04T06:12:09.184000+00:00`; a zero fraction is left out."""
    return moment.astimezone(UTC).isoformat()


def parse(text: str) -> datetime | None:
    """Read an ISO 8601 date with or without offset (UTC then); None when it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
