"""Exponential backoff: waits that double with each failure, up to a limit."""

from dataclasses import dataclass

_MOST_DOUBLINGS = 60
"""Beyond every limit in use, and far below the largest float."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """The waits between attempts, in seconds; jitter is added by the caller."""

    first: float
    """The wait after the first failure."""
    longest: float
    """The limit."""

    def after(self, failures: int) -> float:
        """Return the wait after so many failures in a row, counted from 1."""
        return min(self.first * 2.0 ** min(failures - 1, _MOST_DOUBLINGS), self.longest)
