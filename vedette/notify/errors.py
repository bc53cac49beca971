"""Errors of messages. No text shows the channel's address, which is a secret."""

from collections.abc import Collection

from vedette._core.nearest_name import find_nearest_name
from vedette._core.user_error import UserError


class NotificationError(UserError):
    """A message that a service did not accept.

    Attributes:
        channel: name of the channel in the settings.
        status: HTTP status; None where no answer came.
        detail: the service's answer, in one line.
        retry_after: seconds after which to try again, if the service stated it.
    """

    retryable: bool = False
    """True if the same message may be accepted later without a change by anyone."""

    def __init__(
        self, channel: str, *, status: int | None = None, detail: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(channel, status, detail)
        self.channel = channel
        self.status = status
        self.detail = detail
        self.retry_after = retry_after

    @property
    def outcome_unknown(self) -> bool:
        """True if the message may have arrived although no success was reported."""
        return False

    @property
    def advice(self) -> str:
        """The next step."""
        return "It is tried again."

    def __str__(self) -> str:
        happened = "did not answer" if self.status is None else f"answered {self.status}"
        said = f": {self.detail}" if self.detail else ""
        return f"channel {self.channel} {happened}{said}. {self.advice}"


class NotificationRefused(NotificationError):  # noqa: N818 - named after what happened, as the API's errors are
    """The service does not want it, now or later: the address is wrong or gone, or the app may not post there."""

    @property
    def advice(self) -> str:
        """The next step."""
        return f"Check [channels.{self.channel}] in vedette.toml, and the webhook or app at the service."


class NotificationFailed(NotificationError):  # noqa: N818 - the same
    """The service limits requests, fails, or cannot be reached: it may accept the message later."""

    retryable = True

    @property
    def outcome_unknown(self) -> bool:
        """True if the connection broke off after the message may have arrived."""
        return self.status is None and self.detail not in _UNSENT


class UnknownChannelError(NotificationError):
    """No channel of this name is in the settings."""

    def __init__(self, channel: str, known: Collection[str]) -> None:
        super().__init__(channel)
        near = find_nearest_name(channel, known)
        self.hint = f"did you mean {near}?" if near else f"write it as [channels.{channel}] in vedette.toml"

    def __str__(self) -> str:
        return f"there is no channel {self.channel}: {self.hint}"


_UNSENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"})
"""Errors that occur before anything was sent."""
