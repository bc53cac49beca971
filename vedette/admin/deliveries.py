"""Queries for deliveries and the runs on them."""

from collections.abc import Callable
from typing import NamedTuple

from vedette.admin.filters import DeliveryFilter
from vedette.admin.session import AdminSession
from vedette.store.deliveries.deliveries import Deliveries, DeliverySummary
from vedette.store.runs.run import Run
from vedette.store.runs.runs import Runs

_PAGE = 500


class DeliveryWithRuns(NamedTuple):
    """A delivery and all its runs."""

    delivery: DeliverySummary
    runs: list[Run]


class DeliveryRun(NamedTuple):
    """One run and its delivery."""

    delivery: DeliverySummary
    run: Run


async def list_deliveries(session: AdminSession, wanted: DeliveryFilter) -> list[DeliveryWithRuns]:
    """Return the deliveries that match, the newest first.

    Raises:
        UnknownNameError: Nothing matches, and the filter names something that is not known.
    """
    return await _find(session, wanted, wanted.matches_delivery)


async def list_runs(session: AdminSession, wanted: DeliveryFilter) -> list[DeliveryRun]:
    """Return the runs that match, those of the newest delivery first.

    Raises:
        UnknownNameError: Nothing matches, and the filter names something that is not known.
    """

    def has_run(delivery: DeliverySummary, runs: list[Run]) -> bool:
        return any(wanted.matches_run(delivery, run) for run in runs)

    rows = await _find(session, wanted, has_run)
    found = [DeliveryRun(one, run) for one, runs in rows for run in runs if wanted.matches_run(one, run)]
    return found[: wanted.limit]


async def _find(
    session: AdminSession, wanted: DeliveryFilter, matches: Callable[[DeliverySummary, list[Run]], bool]
) -> list[DeliveryWithRuns]:
    deliveries, runs = Deliveries(session.redis), Runs(session.redis)
    rows: list[DeliveryWithRuns] = []
    offset = 0
    while len(rows) < wanted.limit:
        page = await deliveries.latest(since=wanted.since, limit=_PAGE, offset=offset)
        if not page:
            break
        of = await runs.of([(one.id, one.runs or ()) for one in page])
        rows += [DeliveryWithRuns(one, of[one.id]) for one in page if matches(one, of[one.id])]
        offset += _PAGE
    if not rows:
        await wanted.refuse_unknown(session.redis)
    return rows[: wanted.limit]
