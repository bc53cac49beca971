"""Errors of calls that may succeed later, and of answers that could not be read."""
# ruff: noqa: N818  # named after what Sentry answered, as people speak of it

from typing import Any, Literal

from vedette.api.errors._base import SentryError
from vedette.api.errors.times import asked_wait, bounded, finite_number, sentrys_clock

LONGEST_BROWNOUT = 120.0
"""Seconds; Sentry switches deprecated routes off for 60 or 120 at a time."""
_UNPROCESSED = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"})


class Gone(SentryError):
    """410: a deprecated route, switched off for good or for the minute or two of a brownout."""

    @property
    def retryable(self) -> bool:
        """It can succeed later."""
        return True

    @property
    def retry_after(self) -> float | None:
        """Past the longest brownout."""
        return LONGEST_BROWNOUT

    @property
    def advice(self) -> str:
        """The next step."""
        instead = self.headers.get("x-sentry-replacement-endpoint") or self.call.operation.deprecated
        if instead:
            return f"Sentry is taking this route away; call {instead} instead."
        return "Sentry is taking this route away: update Vedette, and report the operation to its authors."


class RateLimited(SentryError):
    """429. Sentry counts all internal integrations of an organization together."""

    @property
    def retryable(self) -> bool:
        """It can succeed later, bar invitations, which are counted by the day."""
        return self.kind != "invitations"

    @property
    def kind(self) -> Literal["window", "concurrency", "query", "invitations"]:
        """The limit that was exceeded; each has its own waiting rule."""
        text = self.detail.text.lower()
        if "concurren" in text:
            return "concurrency"
        if "smaller date range" in text:
            return "query"
        return "invitations" if "invitation" in text else "window"

    @property
    def retry_after(self) -> float | None:
        """Seconds until the window ends: from Retry-After where an edge added one, else from `reset`; 60 at most."""
        asked = asked_wait(self.headers)
        if asked is not None or self.kind != "window" or self.reset is None:
            return asked
        return bounded(self.reset - sentrys_clock(self.headers))

    @property
    def reset(self) -> float | None:
        """The end of the window, in seconds since the epoch by Sentry's clock; None if it was not stated."""
        return finite_number(self.headers.get("x-sentry-rate-limit-reset"))

    @property
    def advice(self) -> str:
        """The next step."""
        return {
            "window": "Wait until the window ends, and make fewer calls: the limit is shared by the organization.",
            "concurrency": "Wait for calls in flight to end, and make fewer at once.",
            "query": "Ask for a shorter time range or fewer projects; asking again at once does not help.",
            "invitations": "Invite again tomorrow: Sentry limits invitations by the day.",
        }[self.kind]


class CallsHeld(RateLimited):
    """Not sent: calls are held back for longer than the caller should wait, after a 429 or behind others.

    Attributes:
        seconds: until it is worth trying again.
        after_limit: whether a 429 holds all calls back; else too many other calls are waiting.
    """

    def __init__(self, *arguments: Any, seconds: float, after_limit: bool, **data: Any) -> None:
        super().__init__(*arguments, **data)
        self.seconds = bounded(seconds)
        self.after_limit = after_limit

    @property
    def retry_after(self) -> float | None:
        """Seconds until it is worth trying again."""
        return self.seconds

    def __str__(self) -> str:
        why = "Sentry answered 429 to an earlier one" if self.after_limit else "too many other calls are waiting"
        return (
            f"{self.method} {self.path} ({self.operation}) was not sent: calls are held back for another "
            f"{self.seconds:.0f} s, because {why}. {self.advice}"
        )


class ServerError(SentryError):
    """5xx: Sentry, or a proxy in front of it, failed."""

    @property
    def retryable(self) -> bool:
        """It can succeed later."""
        return True

    @property
    def retry_after(self) -> float | None:
        """Seconds, where a Retry-After was sent; 60 at most, after which the caller's own waiting grows."""
        return asked_wait(self.headers)

    @property
    def outcome_unknown(self) -> bool:
        """A write may have been done before the failure."""
        return self.call.operation.writes

    @property
    def advice(self) -> str:
        """The next step."""
        named = f" Sentry's support can look up error {self.detail.error_id}." if self.detail.error_id else ""
        return f"Try again later; https://status.sentry.io shows outages.{named}"


class UnreadableAnswer(SentryError):
    """An answer that is not what Sentry's API sends: HTML of a proxy or login page, or JSON of another form."""

    @property
    def retryable(self) -> bool:
        """It can succeed later: a page of maintenance goes away, a proxy or a login page is corrected."""
        return True

    @property
    def outcome_unknown(self) -> bool:
        """A proxy that answered may have passed the write on."""
        return self.call.operation.writes

    @property
    def happened(self) -> str:
        """The cause."""
        return f"An answer that Sentry's API would not give (status {self.status}) came"

    @property
    def advice(self) -> str:
        """The next step."""
        return "Check VEDETTE_SENTRY_URL, and any proxy or login page between Vedette and Sentry."


class AnswerTooLarge(UnreadableAnswer):
    """An answer of more bytes than are read; `largest` says how many that are, decompressed."""

    def __init__(self, *arguments: Any, largest: int, **data: Any) -> None:
        super().__init__(*arguments, **data)
        self.largest = largest

    @property
    def retryable(self) -> bool:
        """Asked for again, it would be as large."""
        return False

    @property
    def happened(self) -> str:
        """The cause."""
        return f"An answer of more than {self.largest:,} bytes (status {self.status}) came"

    @property
    def advice(self) -> str:
        """The next step."""
        return "Ask for less: smaller pages, or a shorter time; the rest of the answer was not read."


class SentryUnreachable(SentryError):
    """No answer: the connection could not be made or broke off."""

    @property
    def retryable(self) -> bool:
        """It can succeed later."""
        return True

    def __init__(self, *arguments: Any, cause: str, **data: Any) -> None:
        super().__init__(*arguments, **data)
        self.cause = cause

    @property
    def outcome_unknown(self) -> bool:
        """False if the request certainly never left."""
        return self.call.operation.writes and self.cause not in _UNPROCESSED

    @property
    def happened(self) -> str:
        """The cause."""
        return f"No answer ({self.cause}) came"

    @property
    def advice(self) -> str:
        """The next step."""
        return "Check that this machine reaches VEDETTE_SENTRY_URL: name, route, proxy and certificates."


class SentryTimeout(SentryUnreachable):
    """No answer in time."""

    @property
    def advice(self) -> str:
        """The next step."""
        return "Try again later, or allow more time for this call."
