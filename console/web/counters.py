"""Reads the counters that the page Now shows above its list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vedette.admin.connections import policy_services
from vedette.admin.session import AdminSession
from vedette.store.figures.figures import read_figures
from vedette.store.figures.outcome_counts import MinuteCount, read_outcome_counts

_MOST: Final = 1000
_MINUTES: Final = 60
_HEIGHT: Final = 26
"""Height of the chart, in its own units; each minute is two units wide."""
_EFFECTS: Final = (("acted", "good"), ("proposed", "ask"), ("denied", "warn"))


@dataclass(frozen=True)
class CounterTile:
    """One counter."""

    name: str
    title: str
    value: str
    path: str
    """The page with the counted entries."""
    tone: str = ""


@dataclass(frozen=True)
class MinuteBar:
    """One minute of the chart."""

    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Counters:
    """The counters of one moment."""

    tiles: Sequence[CounterTile]
    bars: Sequence[MinuteBar]
    """Deliveries of the last hour, by the minute."""
    rate: int
    """Deliveries of the last whole minute."""
    total: int
    """Deliveries of the last hour."""


async def read_counters(session: AdminSession) -> Counters:
    """Return the counters of this moment.

    Raises:
        redis.exceptions.RedisError: The server gives no answer.
    """
    figures = await read_figures(session.redis)
    minutes = await read_outcome_counts(session.redis, _MINUTES)
    waiting = sum(queue.depth for queue in figures.queues.values())
    working = sum(queue.in_flight for queue in figures.queues.values())
    proposals = len(await policy_services(session).proposals.waiting(limit=_MOST))
    tiles = [
        CounterTile("waiting", "waiting", _bounded(waiting), "/deliveries?state=queued", "warn" if waiting else ""),
        CounterTile("working", "working", _bounded(working), "/deliveries?state=running"),
        CounterTile("failed", "failed", _bounded(figures.dead), "/failed", "bad" if figures.dead else ""),
        CounterTile("approvals", "to approve", _bounded(proposals), "/approvals", "ask" if proposals else ""),
        CounterTile("workers", "workers", str(figures.workers), "/health", "" if figures.workers else "bad"),
        *_of_last_hour(minutes),
    ]
    return Counters(
        tiles, _bars(minutes), minutes[-2].accepted if len(minutes) > 1 else 0, sum(one.accepted for one in minutes)
    )


def _of_last_hour(minutes: Sequence[MinuteCount]) -> list[CounterTile]:
    counts = {effect: sum(one.effects.get(effect, 0) for one in minutes) for effect, _ in _EFFECTS}
    return [
        CounterTile(effect, f"{effect} in 1 h", str(counts[effect]), "/?show=acted", tone)
        for effect, tone in _EFFECTS
        if counts[effect]
    ]


def _bars(minutes: Sequence[MinuteCount]) -> list[MinuteBar]:
    most = max((one.accepted for one in minutes), default=0)
    heights = [-(-one.accepted * _HEIGHT // most) if most else 0 for one in minutes]
    return [MinuteBar(2 * place, _HEIGHT - height, height) for place, height in enumerate(heights) if height]


def _bounded(count: int) -> str:
    return f"{_MOST}+" if count > _MOST else str(count)
