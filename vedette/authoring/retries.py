"""Defines the retry options of a handler, and the exceptions with which it requests or refuses a retry."""

from dataclasses import dataclass

from vedette._core.durations import parse_duration


@dataclass(frozen=True)
class Retries:
    """The number of attempts of a failing run, and the waits between them. Fields that are None come from the settings.

    The wait doubles from attempt to attempt, with a jitter of plus or minus a fifth. When Sentry limits calls or is
    unavailable, the attempt does not count, and only `max_age` limits the retries.
    """

    attempts: int | None = None
    """The number of attempts; 1 for no retry."""
    wait: float | str | None = None
    """The wait before the second attempt: seconds, or a text such as `30s`."""
    longest: float | str | None = None
    """The longest wait between two attempts."""
    max_age: float | str | None = None
    """The longest time from the dispatch to the last attempt."""

    def __post_init__(self) -> None:
        if self.attempts is not None and self.attempts < 1:
            raise ValueError(f"attempts={self.attempts} would never run it: write 1 or more")
        for value in (self.wait, self.longest, self.max_age):
            if value is not None:
                parse_duration(value)


class PermanentError(Exception):
    """An error that no retry can fix: the run becomes a dead letter at once."""


class Retry(Exception):  # noqa: N818 - what an author writes reads as an order: `raise Retry(after="5m")`
    """Raised by a handler to retry this run later."""

    def __init__(self, reason: str = "the handler asked for another try", *, after: float | str | None = None) -> None:
        """Request a retry.

        Args:
            reason: The text that listings show.
            after: Seconds, or a text such as `5m`; the handler's usual wait unless given.
        """
        self.reason = reason
        self.after = None if after is None else parse_duration(after)
        super().__init__(reason)


class Drop(Exception):  # noqa: N818 - the same
    """Raised by a handler that has nothing to do: the run ends without an error."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
