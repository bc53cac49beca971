"""Counts of runs by minute and effect, kept for 48 hours: what was done, and how much was accepted."""

from collections.abc import Mapping
from dataclasses import dataclass

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import PREFIX
from vedette.store.server.scripts import script

KEPT = 48 * 60
"""Minutes for which counts are kept."""
_MINUTE = 60_000


@dataclass(frozen=True)
class MinuteCount:
    """The outcomes of one minute."""

    at: int
    """When the minute began, Unix time in milliseconds by the server's clock."""
    accepted: int
    """Deliveries that were accepted, and are still kept."""
    effects: Mapping[str, int]
    """Effect -> runs that ended with it; see `vedette.store.runs.run.Run.effect`."""


async def read_outcome_counts(client: RedisClient, minutes: int = 60) -> list[MinuteCount]:
    """Return the counts of the last minutes, the present one last, in one round trip.

    Args:
        client: Redis.
        minutes: How many, at most `KEPT`.
    """
    read = client.register_script(script("figures/read_outcomes"))
    answer = await read(keys=[PREFIX], args=[min(minutes, KEPT)])
    counts: list[MinuteCount] = []
    for minute, accepted, effects in answer:
        known = {effects[at].decode(): int(effects[at + 1]) for at in range(0, len(effects), 2)}
        counts.append(MinuteCount(int(minute) * _MINUTE, int(accepted), known))
    return counts
