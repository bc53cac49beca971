"""Sends the messages of handlers to channels, through the same gate as calls to Sentry."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

from vedette._core.durations import parse_duration
from vedette.access.context import MODES, CallContext
from vedette.access.message_batcher import Digest, NotificationBatcher, make_digest
from vedette.access.message_calls import call_of_message
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.access.targets import CallTarget
from vedette.notify.message import Message, one_line
from vedette.settings.settings import Mode


@dataclass(frozen=True)
class NotificationResult:
    """The result of a message."""

    sent: bool
    """False for a message that was recorded, proposed, sent by an earlier attempt, or follows one never sent."""
    was_sent: bool = False
    """Return whether an earlier attempt has sent it."""


SendMessage = Callable[[str, Message, str, Mode], Awaitable[NotificationResult]]


class Notify:
    """Sends messages; the argument `notify` of a handler: `await notify("ops", Message("The shop is down"))`."""

    __slots__ = ("_batcher", "_because", "_ceiling", "_send")

    def __init__(
        self, send: SendMessage, batcher: NotificationBatcher, because: str = "", ceiling: Mode = "act"
    ) -> None:
        self._send = send
        self._batcher = batcher
        self._because = because
        self._ceiling: Mode = ceiling

    def view(self, *, because: str, ceiling: Mode) -> "Notify":
        """Return the same for one part of the handler: the audit names it, and its mode can only be more careful."""
        return Notify(self._send, self._batcher, because, ceiling)

    async def __call__(self, channel: str, message: Message) -> NotificationResult:
        """Send a message to a channel of the settings, once per delivery, as far as grant and mode allow it.

        Raises:
            AccessDenied: The handler's grant does not name the channel.
            BudgetExhausted: The handler has written as often as it may.
            UnknownChannelError: The settings have no such channel.
            NotificationRefused: The service refused it for good.
            NotificationFailed: The service may accept it later; the run is retried automatically.
        """
        return await self._send(channel, message, self._because, self._ceiling)

    async def gather(self, channel: str, message: Message, within: float | str) -> bool:
        """Keep a message to be sent with others, unless it is the first for a while.

        Raises:
            AccessDenied: The handler's grant does not name the channel; nothing is kept.
            UnknownChannelError: The settings have no such channel.

        Returns:
            True for the first message: the handler sends it, and comes back after `within`
            (`await ctx.later(within, ...)`) to `release` the messages that were kept meanwhile.
        """
        return await self._batcher.begin_or_keep(channel, message, parse_duration(within))

    async def release(self, channel: str, digest: Digest, within: float | str) -> bool:
        """Send the messages that were kept as one.

        Args:
            channel: The channel that was given to `gather`.
            digest: Makes one message of those that were kept, the oldest first, and the number of those that were
                too many to keep.
            within: The time that was given to `gather`.

        Returns:
            True where messages were kept, so that the handler comes back once more; False where there were none.
        """
        batch = await self._batcher.take(channel, parse_duration(within))
        if batch is None:
            return False
        await self(channel, make_digest(batch, digest))
        await self._batcher.settle(channel, batch)
        return True

    def __repr__(self) -> str:
        return "<notify>"


@dataclass(frozen=True)
class Notifier:
    """Sends the messages of one run through the gate."""

    context: CallContext
    target: CallTarget
    chain: Layer
    check_chain: Layer
    """The same without sending."""

    async def send(
        self, channel: str, message: Message, because: str = "", ceiling: Mode = "act"
    ) -> NotificationResult:
        """Send a message; see `Notify`."""
        careful: Mode = next(mode for mode in MODES if mode == ceiling)
        call = replace(call_of_message(str(channel), message), because=one_line(because), ceiling=careful)
        answer = await self.chain.send(PreparedCall(call, self.context, self.target))
        return NotificationResult(answer.sent, not answer.sent and answer.status == HTTPStatus.ALREADY_REPORTED)

    async def check(self, channel: str, message: Message) -> None:
        """Check that a message may be sent to a channel.

        Raises:
            AccessDenied: The handler's grant does not name the channel.
            UnknownChannelError: The settings have no such channel.
        """
        await self.check_chain.send(PreparedCall(call_of_message(str(channel), message), self.context, self.target))
