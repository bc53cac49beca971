"""Raises and clears alarms; the workers send the messages.

A caller that watches a condition calls `raise_` each time that it finds it, and `clear` each time that it does not:
any number of processes may call both, as often as they like. People are notified once when an alarm is raised, once a
day while it lasts, and once when it has ended.
"""

from typing import Final, Literal

import structlog

from vedette.store.alarms.alarm_records import Alarm, AlarmLevel, AlarmRecords
from vedette.store.server.client import RedisClient

AlarmKind = Literal[
    "token", "signatures", "quarantine", "dead_letters", "queue_age", "spool", "sentry_quiet", "watch", "sweep"
]
"""The subject matter of an alarm. Each kind has one owner, which raises and clears it.

`token`: an integration's token does not work. `signatures`: webhooks with a wrong signature. `quarantine`: quarantined
deliveries. `dead_letters`: runs that failed for good. `queue_age`: runs wait too long. `spool`: deliveries wait on a
receiver's disk. `sentry_quiet`: Sentry sends nothing of what happens there. `watch`: another check of the watchdog.
`sweep`: sweeps that find missing webhooks fail.
"""
_LONGEST: Final = 1_000
"""Characters of a sentence."""


class Alarms:
    """The alarms of one Vedette, shared by all its processes."""

    def __init__(self, client: RedisClient) -> None:
        self._records = AlarmRecords(client)

    async def raise_(
        self, kind: AlarmKind, subject: str, sentence: str, command: str, *, level: AlarmLevel = "broken"
    ) -> bool:
        """Raise an alarm, or renew the sentence of one that is open.

        Args:
            kind: The condition.
            subject: The part that it is about, such as an integration's name; empty where there is one of its kind.
            sentence: The condition, in one sentence without a full stop.
            command: The command that shows more, such as `vedette dead`.
            level: `broken`, or `warning` for what still works.

        Returns:
            Whether it was not open before.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        alarm = Alarm(kind, subject, sentence[:_LONGEST], command, 0, level=level)
        is_new = await self._records.open(alarm)
        if is_new:
            log = structlog.get_logger()
            log.warning("alarm raised", kind=kind, subject=subject, says=alarm.sentence, command=command)
        return is_new

    async def clear(self, kind: AlarmKind, subject: str = "") -> bool:
        """End an alarm if it is open; return whether it was.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        was_open = await self._records.end(kind, subject)
        if was_open:
            structlog.get_logger().info("alarm is over", kind=kind, subject=subject)
        return was_open

    async def list_open(self) -> list[Alarm]:
        """Return the open alarms, the oldest first.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        return await self._records.all()
