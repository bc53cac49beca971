"""Queries for deliveries and the runs on them, in a fixed number of round trips."""

from collections.abc import Sequence
from typing import NamedTuple

from vedette.admin.filters import DeliveryFilter
from vedette.admin.session import AdminSession, known_tenants
from vedette.store.deliveries.deliveries import Deliveries, Delivery, DeliverySummary
from vedette.store.runs.run import Run
from vedette.store.runs.runs import Runs
from vedette.store.search.cursor import Cursor
from vedette.store.search.delivery_search import DeliverySearch
from vedette.store.search.page import COUNTED, MOST_ROWS, BoundedCount, Page, gather_rows


class DeliveryWithRuns(NamedTuple):
    """A delivery and all its runs."""

    delivery: DeliverySummary
    runs: list[Run]


class DeliveryRun(NamedTuple):
    """One run and its delivery."""

    delivery: DeliverySummary
    run: Run


async def get_deliveries(session: AdminSession, identifiers: Sequence[str]) -> list[DeliveryWithRuns]:
    """Return deliveries with their runs, in the given order; those that were removed are left out."""
    found = await Deliveries(session.redis).summaries(identifiers) if identifiers else []
    of = await Runs(session.redis).of([(one.id, one.runs or ()) for one in found])
    return [DeliveryWithRuns(one, of[one.id]) for one in found]


async def read_delivery(session: AdminSession, delivery: str) -> Delivery:
    """Return one delivery with its headers and body.

    Raises:
        DeliveryNotFoundError: There is no such delivery.
    """
    return await Deliveries(session.redis).get(delivery)


async def list_deliveries(session: AdminSession, wanted: DeliveryFilter) -> list[DeliveryWithRuns]:
    """Return the deliveries that match, the newest first.

    Raises:
        UnknownNameError: Nothing matches, and the filter names something that is not known.
    """
    rows = await gather_rows(lambda cursor: page_deliveries(session, wanted, cursor), wanted.limit)
    if not rows:
        await wanted.refuse_unknown(session.redis)
    return rows


async def list_runs(session: AdminSession, wanted: DeliveryFilter) -> list[DeliveryRun]:
    """Return the runs that match, those of the newest delivery first.

    Raises:
        UnknownNameError: Nothing matches, and the filter names something that is not known.
    """
    rows = await gather_rows(lambda cursor: page_runs(session, wanted, cursor), wanted.limit)
    if not rows:
        await wanted.refuse_unknown(session.redis)
    return rows


async def page_deliveries(session: AdminSession, wanted: DeliveryFilter, cursor: str = "") -> Page[DeliveryWithRuns]:
    """Return one page of the deliveries that match, the newest first; deliveries that arrive do not move it.

    Args:
        session: The caller.
        wanted: The conditions; its limit is the size of the page.
        cursor: The cursor of the page before; empty for the first.

    Raises:
        InvalidCursorError: The text is no cursor.
    """
    return await _page(session, wanted, cursor, needs_runs=False)


async def page_runs(session: AdminSession, wanted: DeliveryFilter, cursor: str = "") -> Page[DeliveryRun]:
    """Return one page of the runs that match, those of the newest delivery first.

    The runs of a delivery are on one page, which may thus hold a few more than the limit.

    Raises:
        InvalidCursorError: The text is no cursor.
    """
    page = await _page(session, wanted, cursor, needs_runs=True)
    rows = [DeliveryRun(one, run) for one, runs in page.rows for run in runs if wanted.matches_run(run)]
    return Page(rows, page.cursor)


async def count_deliveries(session: AdminSession, wanted: DeliveryFilter) -> BoundedCount:
    """Return how many deliveries match, counted up to `COUNTED`."""
    if wanted.request:
        page = await page_deliveries(session, wanted)
        return BoundedCount(len(page.rows), is_exact=True)
    search = DeliverySearch(session.redis, known_tenants(session))
    found = await search.deliveries(wanted.to_query(), limit=COUNTED + 1)
    return BoundedCount(min(len(found.ids), COUNTED), is_exact=found.following is None and len(found.ids) <= COUNTED)


async def issues_called(session: AdminSession, issues: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return how people call issues, such as `SHOP-4K`, as far as that is known.

    Args:
        session: The caller.
        issues: Each one's tenant and id.
    """
    labels = await DeliverySearch(session.redis).labels(issues)
    return {issue: label for issue, label in zip(issues, labels, strict=True) if label}


async def _page(
    session: AdminSession, wanted: DeliveryFilter, cursor: str, *, needs_runs: bool
) -> Page[DeliveryWithRuns]:
    begin = Cursor.read(cursor) if cursor else None
    search = DeliverySearch(session.redis, known_tenants(session))
    limit = min(wanted.limit, MOST_ROWS)
    if wanted.request:
        ids, following = (await search.by_request(wanted.request))[::-1][:limit], None
    else:
        found = await search.deliveries(wanted.to_query(needs_runs=needs_runs), limit=limit, cursor=begin)
        ids, following = found.ids, found.following
    deliveries = await Deliveries(session.redis).summaries(ids)
    of = await Runs(session.redis).of([(one.id, one.runs or ()) for one in deliveries])
    rows = [DeliveryWithRuns(one, of[one.id]) for one in deliveries]
    if wanted.request:
        rows = [row for row in rows if wanted.matches_delivery(row.delivery, row.runs)]
    return Page(rows, str(following) if following else None)
