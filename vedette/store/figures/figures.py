"""Reads the figures that alarms and `vedette status` judge, in one round trip."""

from collections.abc import Iterable, Mapping

import msgspec

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import PREFIX
from vedette.store.server.scripts import script

_SILENCE = 10_000
"""Milliseconds without a heartbeat after which a worker is not counted."""
_COUNTED = 2_000
"""Of more dead letters, the newest so many are counted by their handlers."""


class QueueFigures(msgspec.Struct, frozen=True):
    """The figures of one queue."""

    depth: int
    """Messages that wait."""
    in_flight: int
    """Messages that workers hold."""
    age: int
    """Milliseconds for which the next message has waited since it was due."""


class Figures(msgspec.Struct, frozen=True):
    """The figures of one moment."""

    at: int
    """Unix time in milliseconds, by the server's clock."""
    queues: Mapping[str, QueueFigures]
    delayed: int
    """Messages that are not due yet."""
    workers: int
    """Worker processes with a recent heartbeat."""
    dead: int
    """Dead letters."""
    dead_by_handler: Mapping[str, int]
    waiting_for_token: Mapping[str, int]
    """Integration -> runs that wait until its token works."""
    quarantined: int
    """Deliveries that workers have quarantined since the beginning."""

    @property
    def oldest(self) -> float:
        """Seconds for which the next message of the slowest queue has waited."""
        return max((queue.age for queue in self.queues.values()), default=0) / 1000


async def read_figures(client: RedisClient, integrations: Iterable[str] = ()) -> Figures:
    """Return the figures of this moment.

    Raises:
        redis.exceptions.RedisError: The server gives no answer.
    """
    read = client.register_script(script("figures/read_figures"))
    return msgspec.json.decode(await read(keys=[PREFIX], args=[_SILENCE, _COUNTED, *integrations]), type=Figures)
