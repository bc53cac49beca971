"""Waits for what becomes of a delivery."""

import asyncio
from typing import Final

from vedette.admin.deliveries import DeliveryWithRuns
from vedette.admin.session import AdminSession
from vedette.store.deliveries.deliveries import Deliveries, DeliveryNotFoundError
from vedette.store.figures.figures import read_figures
from vedette.store.runs.run import FINAL_STATES
from vedette.store.runs.runs import Runs

_POLL: Final = 0.1
_SETTLED: Final = FINAL_STATES | {"retrying", "waiting"}
"""States in which a run has ended, or says for what it waits."""


async def wait_for_outcome(session: AdminSession, delivery: str, seconds: float) -> DeliveryWithRuns | None:
    """Return a delivery once its runs have ended or wait for something, or as it is after some seconds.

    Returns:
        The delivery and its runs; None if it is not in this Redis.
    """
    end = asyncio.get_running_loop().time() + seconds
    while True:
        found = await _look(session, delivery)
        if found is not None and (found.delivery.quarantined is not None or _is_settled(found)):
            return found
        if asyncio.get_running_loop().time() >= end:
            return found
        await asyncio.sleep(_POLL)


async def count_workers(session: AdminSession) -> int:
    """Return the number of workers that are alive."""
    return (await read_figures(session.redis)).workers


async def _look(session: AdminSession, delivery: str) -> DeliveryWithRuns | None:
    try:
        summary = await Deliveries(session.redis).summary(delivery)
    except DeliveryNotFoundError:
        return None
    return DeliveryWithRuns(summary, (await Runs(session.redis).of([(delivery, summary.runs or ())]))[delivery])


def _is_settled(found: DeliveryWithRuns) -> bool:
    chosen = found.delivery.handlers
    return chosen is not None and len(found.runs) >= len(chosen) and all(run.state in _SETTLED for run in found.runs)
