"""Writes the message of an alarm that begins, lasts or has ended."""

import hashlib

from vedette.notify.message import Message
from vedette.store.alarms.alarm_records import Alarm, ClaimedMessage

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def message_of_alarm(claimed: ClaimedMessage, now: float) -> Message:
    """Return the message; all messages of one alarm are of one thread.

    Args:
        claimed: The alarm, and which of its messages is due.
        now: Seconds since 1970, by the server's clock.
    """
    alarm = claimed.alarm
    lasted = format_duration(max(0.0, (alarm.ended or now * 1000) / 1000 - alarm.since / 1000))
    if claimed.message == "ended":
        return Message(f"Over: {alarm.sentence}", f"It lasted {lasted}.", colour="green", thread=_thread(alarm))
    colour = "red" if alarm.level == "broken" else "yellow"
    more = f"`{alarm.command}` shows more."
    if claimed.message == "lasting":
        return Message(f"Still: {alarm.sentence}", f"For {lasted}. {more}", colour=colour, thread=_thread(alarm))
    return Message(alarm.sentence, more, colour=colour, thread=_thread(alarm))


def alarm_message_id(claimed: ClaimedMessage) -> str:
    """Return an id that is the same for repetitions of one message, and for no other."""
    alarm = claimed.alarm
    about = f"{_thread(alarm)}:{claimed.message}:{alarm.notified}"
    return hashlib.sha256(about.encode()).hexdigest()[:32]


def format_duration(seconds: float) -> str:
    """Return a duration in its largest whole unit, such as `3 hours`."""
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= unit:
            count = int(seconds // unit)
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{int(seconds)} s"


def _thread(alarm: Alarm) -> str:
    return f"alarm:{alarm.kind}:{alarm.subject}:{alarm.since}"
