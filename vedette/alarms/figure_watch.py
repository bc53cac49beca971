"""Raises and clears the alarms that depend on figures; one worker, the leader, looks every few seconds."""

from dataclasses import dataclass

import msgspec

from vedette.alarms.alarms import Alarms
from vedette.alarms.conditions import QUARANTINE_WINDOW, judge, sample_of
from vedette.alarms.count_samples import CountSamples
from vedette.settings.alarms import AlarmSettings
from vedette.store.figures.figures import read_figures
from vedette.store.receivers.receiver_status import ReceiverStatuses
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import ALARM_SAMPLES

EACH = 10.0
"""Seconds between two looks."""


@dataclass(frozen=True)
class FigureWatch:
    """The watch over the figures."""

    client: RedisClient
    settings: AlarmSettings

    async def look(self) -> None:
        """Judge the figures of this moment, and raise or clear each alarm.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        figures, receivers = await read_figures(self.client), await ReceiverStatuses(self.client).all()
        samples = (await self._samples()).after(sample_of(figures, receivers), QUARANTINE_WINDOW)
        alarms = Alarms(self.client)
        for one in judge(figures, receivers, samples, self.settings):
            if one.is_raised:
                await alarms.raise_(one.kind, one.subject, one.sentence, one.command, level=one.level)
            elif one.is_raised is not None:
                await alarms.clear(one.kind, one.subject)
        await self.client.set(ALARM_SAMPLES, msgspec.json.encode(samples), px=2 * QUARANTINE_WINDOW)

    async def _samples(self) -> CountSamples:
        text = await self.client.get(ALARM_SAMPLES)
        try:
            return CountSamples() if text is None else msgspec.json.decode(text, type=CountSamples)
        except msgspec.MsgspecError:
            # Altered by hand, or of another version: counting begins again.
            return CountSamples()
