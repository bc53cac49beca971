"""Stores alarms in Redis: open and ended ones, and the claims by which one worker sends each of their messages.

All times are the server's, so that workers with different clocks agree.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import msgspec

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import ALARMS
from vedette.store.server.scripts import script

AlarmLevel = Literal["warning", "broken"]
AlarmMessageKind = Literal["begun", "lasting", "ended"]


class Alarm(msgspec.Struct, frozen=True):
    """A condition that people are notified of."""

    kind: str
    subject: str
    """The part that it is about, such as an integration's name; empty where there is one of its kind."""
    sentence: str
    """The condition, in one sentence without a full stop."""
    command: str
    """The command that shows more."""
    since: int
    """When it was raised: Unix time in milliseconds."""
    notified: int = 0
    """When people were notified last; 0 for never."""
    level: AlarmLevel = "broken"
    ended: int | None = None
    """When it ended; None while it is open."""
    failures: int = 0
    """How often in a row its message could not be sent."""


@dataclass(frozen=True)
class ClaimedMessage:
    """A message that this worker is to send, and no other."""

    name: str
    token: str
    message: AlarmMessageKind
    alarm: Alarm


class AlarmRecords:
    """The alarms in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._raise = client.register_script(script("alarms/raise_alarm"))
        self._clear = client.register_script(script("alarms/clear_alarm"))
        self._claim = client.register_script(script("alarms/claim_alarm"))
        self._settle = client.register_script(script("alarms/settle_alarm"))

    async def open(self, alarm: Alarm) -> bool:
        """Open an alarm, or renew the sentence of one that is open; return whether it was not open."""
        arguments = [_name(alarm.kind, alarm.subject), alarm.kind, alarm.subject, alarm.sentence, alarm.command]
        return bool(await self._raise(keys=[ALARMS], args=[*arguments, alarm.level]))

    async def end(self, kind: str, subject: str) -> bool:
        """End an alarm; return whether it was open."""
        return bool(await self._clear(keys=[ALARMS], args=[_name(kind, subject)]))

    async def claim(self, lease: float, again: float) -> ClaimedMessage | None:
        """Claim one message that is due; None where there is none.

        Args:
            lease: Seconds after which another worker may send it, since this one seems to have crashed.
            again: Seconds after which an open alarm is notified again.
        """
        token = secrets.token_hex(8)
        arguments = [token, round(lease * 1000), round(again * 1000)]
        found = await self._claim(keys=[ALARMS], args=arguments)
        if not found:
            return None
        name, message, text = found
        kind = cast("AlarmMessageKind", message.decode())
        return ClaimedMessage(name.decode(), token, kind, msgspec.json.decode(text, type=Alarm))

    async def settle(self, claimed: ClaimedMessage, *, again_in: float | None = None) -> bool:
        """Record that a message was sent, or that it is to be tried again in so many seconds.

        Returns:
            Whether the claim was still this worker's.
        """
        wait = -1 if again_in is None else round(again_in * 1000)
        arguments = [claimed.name, claimed.token, claimed.message, wait]
        return bool(await self._settle(keys=[ALARMS], args=arguments))

    async def all(self) -> list[Alarm]:
        """Return the open alarms, the oldest first."""
        return read_alarms(await self._client.hgetall(ALARMS))


def read_alarms(fields: Mapping[bytes, bytes]) -> list[Alarm]:
    """Return the open alarms of the stored hash, the oldest first."""
    found = [alarm for text in fields.values() if (alarm := _decoded(text)) is not None and alarm.ended is None]
    return sorted(found, key=lambda alarm: (alarm.since, alarm.kind, alarm.subject))


def _name(kind: str, subject: str) -> str:
    return f"{kind} {subject}".rstrip()


def _decoded(text: bytes) -> Alarm | None:
    try:
        return msgspec.json.decode(text, type=Alarm)
    except msgspec.MsgspecError:
        # Altered by hand; the next claim removes it.
        return None
