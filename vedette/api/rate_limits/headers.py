"""Rate-limit headers of an answer, which can be missing or hold the text `None`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_PREFIX: Final = "x-sentry-rate-limit-"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A limit as Sentry states it; None for values that it leaves out."""

    limit: int | None = None
    """Calls in a window."""
    remaining: int | None = None
    reset: int | None = None
    """End of the window, in seconds since the epoch by Sentry's clock."""
    concurrent: int | None = None
    """Calls in flight."""
    concurrent_remaining: int | None = None

    @property
    def stated(self) -> bool:
        """True if there is a limit at all; self-hosted servers and some endpoints have none."""
        return self.limit is not None and self.limit > 0


def read_rate_limit(headers: Mapping[str, str]) -> RateLimit:
    """Read the headers of an answer; their names are in lower case."""
    return RateLimit(
        limit=_number(headers.get(f"{_PREFIX}limit")),
        remaining=_number(headers.get(f"{_PREFIX}remaining")),
        reset=_number(headers.get(f"{_PREFIX}reset")),
        concurrent=_number(headers.get(f"{_PREFIX}concurrentlimit")),
        concurrent_remaining=_number(headers.get(f"{_PREFIX}concurrentremaining")),
    )


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None  # noqa: PLR2004  # exact in Lua
