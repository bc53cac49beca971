"""`notify`: how a handler tells people, under the same rules as its calls to Sentry.

grant -> project -> told before? -> mode -> pause and budgets -> audit -> the channel -> audit. A message is written
down as a call of the operation `notify.send`, which stands in no table: nothing but this module can make one, so that
the client for Sentry never sends it and this never sends anything else.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from vedette._core.durations import seconds
from vedette.access.context import MODES, CallContext, IntegrationConnection, PolicyServices
from vedette.access.flood import Digest, NotificationBatcher, digested
from vedette.access.issue_cache import CachedIssue
from vedette.access.targets import CallTarget
from vedette.access.write_pipeline import Write, record_denial, write
from vedette.api.call import Answer, Call
from vedette.api.operations import Operation
from vedette.events import Event
from vedette.notify.channels import Channels
from vedette.notify.message import Message, message_of, one_line
from vedette.permissions.authorization import check_projects
from vedette.permissions.errors import AccessDenied, BudgetExhausted, Denial
from vedette.settings.settings import Mode
from vedette.store.access.proposals import Proposal
from vedette.store.access.sent_messages import SentMessages

SEND: Final = Operation("notify.send", "POST", "/channels/{channel}", frozenset(), "Send a message to a channel")


@dataclass(frozen=True)
class NotificationResult:
    """What became of a message."""

    sent: bool
    """False where it was only recorded, waits for a person, was sent by an earlier attempt, or follows on nothing."""
    was_sent: bool = False
    """Whether an earlier attempt has sent it."""


Tell = Callable[[str, Message, str, Mode], Awaitable[NotificationResult]]


class Notify:
    """Tells people; the argument `notify` of a handler: `await notify("ops", Message("The shop is down"))`."""

    __slots__ = ("_because", "_ceiling", "_flood", "_tell")

    def __init__(self, tell: Tell, flood: NotificationBatcher, because: str = "", ceiling: Mode = "act") -> None:
        self._tell = tell
        self._flood = flood
        self._because = because
        self._ceiling: Mode = ceiling

    def view(self, *, because: str, ceiling: Mode) -> "Notify":
        """The same for one part of the handler: the audit names it, and its mode can only be more careful."""
        return Notify(self._tell, self._flood, because, ceiling)

    async def __call__(self, channel: str, message: Message) -> NotificationResult:
        """Send a message to a channel of the settings, once per delivery, as far as grant and mode let it.

        Raises:
            AccessDenied: the handler's grant does not name the channel.
            BudgetExhausted: the handler has written as often as it may.
            UnknownChannelError: the settings have no such channel.
            NotificationRefused: the service does not want it.
            NotificationFailed: it may want it later; the run is tried again by itself.
        """
        return await self._tell(channel, message, self._because, self._ceiling)

    async def gather(self, channel: str, message: Message, within: float | str) -> bool:
        """Keep a message to be told with others, unless it is the first for a while.

        Raises:
            AccessDenied: the handler's grant does not name the channel; nothing is kept.
            UnknownChannelError: the settings have no such channel.

        Returns:
            True where it is the first, so that the handler tells it at once and comes back after `within`
            (`await ctx.later(within, ...)`) to `release` what was kept meanwhile.
        """
        return await self._flood.begin_or_keep(channel, message, seconds(within))

    async def release(self, channel: str, digest: Digest, within: float | str) -> bool:
        """Tell as one message what was kept.

        Args:
            channel: As it was given to `gather`.
            digest: Makes one message of those that were kept, the oldest first, and the number of those that were
                too many to keep.
            within: As it was given to `gather`.

        Returns:
            True where there was something, so that the handler comes back once more; False where the flood is over.
        """
        held = await self._flood.take(channel, seconds(within))
        if held is None:
            return False
        await self(channel, digested(held, digest))
        await self._flood.settle(channel, held)
        return True

    def __repr__(self) -> str:
        return "<notify>"


@dataclass(frozen=True)
class Notifier:
    """Sends the messages of one run."""

    services: PolicyServices
    connection: IntegrationConnection
    caller: CallContext
    channels: Channels
    target: CallTarget

    async def tell(
        self, channel: str, message: Message, because: str = "", ceiling: Mode = "act"
    ) -> NotificationResult:
        """Send a message, or not; see `Notify`."""
        careful: Mode = next(mode for mode in MODES if mode == ceiling)
        call = replace(_call(str(channel), message), because=one_line(because), ceiling=careful)
        identifier = self._identifier(call)
        wanted = Write(self.services, self._way(channel, identifier), self.caller, call, self.target)
        await self._allow(wanted, channel)
        if await self.services.sent_messages.has(identifier):
            self.caller.note(f"did not repeat: {wanted.intent}")
            return NotificationResult(sent=False, was_sent=True)
        if message.follows and await self.services.sent_messages.reference(channel, message.thread) is None:
            self.caller.note(f"told nobody, since nothing was told before it: {message.headline}")
            return NotificationResult(sent=False)
        return await self._send(wanted, identifier)

    async def allow(self, channel: str, message: Message) -> None:
        """Check that a message may be sent to a channel, now or later.

        Raises:
            AccessDenied: the handler's grant does not name the channel.
            UnknownChannelError: the settings have no such channel.
        """
        call = _call(str(channel), message)
        await self._allow(Write(self.services, self._way(channel, ""), self.caller, call, self.target), channel)

    async def _allow(self, wanted: Write, channel: str) -> None:
        denial = _check(wanted, channel)
        if denial is not None:
            error = AccessDenied(wanted.call, handler=self.caller.name, denial=denial)
            await record_denial(wanted, error)
            raise error
        self.channels.get(channel)

    async def _send(self, wanted: Write, identifier: str) -> NotificationResult:
        try:
            answer = await write(wanted)
        except BudgetExhausted as error:
            await record_denial(wanted, error)
            raise
        if answer.sent:
            await self.services.sent_messages.note(identifier)
        return NotificationResult(answer.sent)

    def _way(self, channel: str, identifier: str) -> IntegrationConnection:
        return replace(
            self.connection, transport=ChannelTarget(self.channels, self.services.sent_messages, channel, identifier)
        )

    def _identifier(self, call: Call) -> str:
        """The same for the same message of the same handler about the same delivery."""
        about = [self.caller.delivery, self.caller.name, dict(call.parameters), call.body]
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class ChannelTarget:
    """A transport that posts what it is given to one channel."""

    channels: Channels
    sent_messages: SentMessages
    name: str
    identifier: str

    async def send(self, call: Call) -> Answer:
        """Post the message that the call holds.

        Raises:
            NotificationError: it was not taken.
        """
        message = message_of(call.body or {})
        reference = await self.sent_messages.reference(self.name, message.thread)
        posted = await self.channels.get(self.name).post(message, identifier=self.identifier, after=reference or "")
        if reference is None:
            await self.sent_messages.begin(self.name, message.thread, posted.reference)
        return Answer(posted.status)


def target_of_event(event: Event) -> CallTarget:
    """What a message on this event is about, by the delivery's own words, which its signature vouches for."""
    slug = event.project.slug or ""
    if event.issue_id is None:
        return CallTarget(projects=frozenset({slug}) if slug else None)
    issue = CachedIssue(event.issue_id, event.short_id or f"issue {event.issue_id}", slug, {})
    return CallTarget((issue,), frozenset({slug}) if slug else None)


async def send_approved(
    services: PolicyServices,
    connection: IntegrationConnection,
    channels: Channels,
    proposal: Proposal,
    caller: CallContext,
) -> Answer:
    """Send a message that a person has said yes to, if it is still granted.

    Raises:
        AccessDenied: it is not.
        NotificationError: it was not taken.
    """
    projects = frozenset({proposal.project}) if proposal.project else None
    seen = tuple(CachedIssue(issue, proposal.label, proposal.project, {}) for issue in proposal.issues)
    teller = Notifier(services, connection, caller, channels, CallTarget(seen, projects))
    notified = await teller.tell(proposal.parameters["channel"], message_of(proposal.body or {}))
    # An approval that ended between sending and writing that down has sent it.
    return Answer(200, sent=notified.sent or notified.was_sent)


def _call(channel: str, message: Message) -> Call:
    return Call(SEND, {"channel": channel}, body=message.to_json(), intent=f"told {channel}: {message.headline}")


def _check(wanted: Write, channel: str) -> Denial | None:
    access = wanted.caller.access
    if not access.grant.covers_channel(channel):
        held = "".join(f'"{each}", ' for each in access.grant.channels)
        line = access.in_grant(f'channels = [{held}"{channel}"]')
        return Denial(f"its grant does not name channel {channel}", line)
    return check_projects(access, wanted.target.projects, wanted.call)
