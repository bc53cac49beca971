"""Defines the settings of alarms: the channel that they are sent to, and the thresholds above which they are raised."""

from collections.abc import Collection

from pydantic import BaseModel, ConfigDict

from vedette._core.nearest_name import find_nearest_name
from vedette.settings.number_types import DAY, Age, Count


class AlarmSettings(BaseModel):
    """The alarms about Vedette itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: str | None = None
    """The channel that alarms are sent to; without it they are in the log and in `vedette status` alone."""
    again: Age = DAY
    """Seconds after which an alarm that lasts is sent again."""
    dead: Count = 10
    """The number of dead letters above which an alarm is raised."""
    quarantined: Count = 0
    """The number of deliveries quarantined within an hour above which an alarm is raised."""
    wrong_signatures: Count = 5
    """The number of webhooks with a wrong signature within ten minutes above which an alarm is raised."""
    queue_age: Age = 300.0
    """Seconds that the next message of a queue may wait before an alarm is raised."""
    spool_age: Age = 60.0
    """Seconds that deliveries may be on a receiver's disk before an alarm is raised."""


def check_alarm_channel(alarms: AlarmSettings, channels: Collection[str]) -> AlarmSettings:
    """Return the settings if their channel is among the channels.

    Raises:
        ValueError: There is no such channel; the error names the nearest.
    """
    if alarms.channel is not None and alarms.channel not in channels:
        near = find_nearest_name(alarms.channel, channels)
        hint = f"did you mean {near}?" if near else f"write it as [channels.{alarms.channel}]"
        raise ValueError(f"there is no channel {alarms.channel}: {hint}")
    return alarms
