"""Reads the counters that the page Now shows above its list."""

from dataclasses import dataclass

from vedette.admin.connections import policy_services
from vedette.admin.session import AdminSession
from vedette.store.figures.figures import read_figures

_MOST = 1000


@dataclass(frozen=True)
class CounterTile:
    """One counter."""

    name: str
    title: str
    value: str
    path: str
    """The page with what is counted."""
    tone: str = ""


async def read_tiles(session: AdminSession) -> list[CounterTile]:
    """Return the counters of this moment.

    Raises:
        redis.exceptions.RedisError: The server gives no answer.
    """
    figures = await read_figures(session.redis)
    waiting = sum(queue.depth for queue in figures.queues.values())
    working = sum(queue.in_flight for queue in figures.queues.values())
    proposals = len(await policy_services(session).proposals.waiting(limit=_MOST))
    return [
        CounterTile("waiting", "waiting", _bounded(waiting), "/deliveries?state=queued", "warn" if waiting else ""),
        CounterTile("working", "working", _bounded(working), "/deliveries?state=running"),
        CounterTile("delayed", "delayed", _bounded(figures.delayed), "/schedule"),
        CounterTile("failed", "failed", _bounded(figures.dead), "/failed", "bad" if figures.dead else ""),
        CounterTile("approvals", "to approve", _bounded(proposals), "/approvals", "ask" if proposals else ""),
        CounterTile("workers", "workers", str(figures.workers), "/health", "" if figures.workers else "bad"),
    ]


def _bounded(count: int) -> str:
    return f"{_MOST}+" if count > _MOST else str(count)
