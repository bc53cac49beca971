"""Sends the messages of alarms to the channel of the settings; each is sent by one of the workers.

A message that fails is tried again by any worker, with backoff. Where a worker is killed between the service's answer
and the note of it, another sends the message again, with the same id in `Vedette-Message`.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from vedette._core.backoff import Backoff
from vedette._core.user_error import UserError
from vedette.alarms.alarm_messages import alarm_message_id, message_of_alarm
from vedette.notify.channels import Channels, Posted
from vedette.notify.errors import NotificationError
from vedette.notify.message import Message
from vedette.store.access.audit_log import Audit
from vedette.store.access.sent_messages import SentMessages
from vedette.store.alarms.alarm_records import AlarmRecords, ClaimedMessage
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.retrying import retry_until_available

_BACKOFF = Backoff(first=2.0, longest=600.0)
_MOST = 50
"""Messages of one turn."""


@dataclass(frozen=True)
class AlarmSender:
    """The sending end of alarms, in a worker."""

    client: RedisClient
    audit: Audit
    channels: Channels
    channel: str
    """The channel's name in the settings."""
    again: float
    """Seconds after which an alarm that lasts is sent again."""
    slack: float = 30.0
    """Seconds beyond the channel's timeout after which a worker that claimed a message counts as lost."""

    async def send_due(self) -> int:
        """Send the messages that are due and that no other worker is sending; return how many messages were sent.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        records, sent = AlarmRecords(self.client), 0
        lease = self.channels.settings[self.channel].timeout + self.slack
        for _ in range(_MOST):
            claimed = await records.claim(lease, self.again)
            if claimed is None:
                break
            again_in = await self._send(claimed)
            sent += again_in is None
            await retry_until_available(partial(records.settle, claimed, again_in=again_in))
        return sent

    async def _send(self, claimed: ClaimedMessage) -> float | None:
        """Send a message; return the seconds after which to try again, or None when it was sent."""
        log = structlog.get_logger().bind(channel=self.channel, kind=claimed.alarm.kind, subject=claimed.alarm.subject)
        message = message_of_alarm(claimed, await server_time(self.client))
        entry = await self._record("call", _facts(claimed, self.channel, message))
        try:
            posted = await self._post(claimed, message)
        except NotificationError as error:
            facts = {"status": error.status, "error": str(error), "unknown": error.outcome_unknown}
            await self._record("outcome", {"of": entry, "handler": SENDER, **facts})
            wait = _BACKOFF.after(claimed.alarm.failures + 1) if error.retryable else _BACKOFF.longest
            again_in = max(wait, error.retry_after or 0.0)
            log.warning("alarm could not be sent and is tried again", problem=str(error), wait=again_in)
            return again_in
        await self._record("outcome", {"of": entry, "handler": SENDER, "status": posted.status})
        log.info("alarm sent", message=claimed.message, says=claimed.alarm.sentence, audit=entry)
        return None

    async def _post(self, claimed: ClaimedMessage, message: Message) -> Posted:
        threads = SentMessages(self.client)
        reference = await threads.reference(self.channel, message.thread)
        channel = self.channels.get(self.channel)
        posted = await channel.post(message, identifier=alarm_message_id(claimed), after=reference or "")
        if reference is None:
            await retry_until_available(lambda: threads.begin(self.channel, message.thread, posted.reference))
        return posted

    async def _record(self, kind: str, facts: dict[str, Any]) -> int:
        """Append to the audit. Unlike a handler's write, an alarm is sent although it cannot be recorded."""
        try:
            return await retry_until_available(lambda: self.audit.append(kind, facts))
        except UserError as error:
            structlog.get_logger().error("an alarm's message is not in the audit", problem=str(error))
            return 0


SENDER = "vedette"
"""The name under which the audit has the messages that Vedette itself sends."""


def _facts(claimed: ClaimedMessage, channel: str, message: Message) -> dict[str, Any]:
    return {
        "handler": SENDER,
        "intent": f"notified {channel}: {message.headline}",
        "decision": "sent by itself",
        "because": f"alarm {claimed.alarm.kind} {claimed.alarm.subject}".rstrip(),
        "operation": "notify.send",
        "parameters": {"channel": channel},
        "after": message.to_json(),
    }
