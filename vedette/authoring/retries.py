"""How a handler's failed attempts are repeated, and what it can raise to say so itself."""

from dataclasses import dataclass

from vedette._core.durations import seconds


@dataclass(frozen=True)
class Retries:
    """How often, and how long apart, a failing run is tried again. What is not said comes from the settings.

    The wait doubles from attempt to attempt and is spread by a fifth either way. When Sentry asks for patience (it
    limits calls, or is down), the attempt does not count, and only the age bounds it.
    """

    attempts: int | None = None
    """Tries in all; 1 for none again."""
    wait: float | str | None = None
    """Before the second attempt: seconds, or a text such as `30s`."""
    longest: float | str | None = None
    """Between two attempts at most."""
    max_age: float | str | None = None
    """From the decision to the last attempt at most."""

    def __post_init__(self) -> None:
        if self.attempts is not None and self.attempts < 1:
            raise ValueError(f"attempts={self.attempts} would never run it: write 1 or more")
        for value in (self.wait, self.longest, self.max_age):
            if value is not None:
                seconds(value)


class PermanentError(Exception):
    """An error that no repetition changes: a run that ends with it is dead at once."""


class Retry(Exception):  # noqa: N818 - what an author writes reads as an order: `raise Retry(after="5m")`
    """Raised by a handler: try this run again later."""

    def __init__(self, reason: str = "the handler asked for another try", *, after: float | str | None = None) -> None:
        """Say why, and when.

        Args:
            reason: What people read.
            after: Seconds, or a text such as `5m`; the handler's usual wait unless given.
        """
        self.reason = reason
        self.after = None if after is None else seconds(after)
        super().__init__(reason)


class Drop(Exception):  # noqa: N818 - the same
    """Raised by a handler: there is nothing to do here after all; the run ends, and nobody is bothered."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
