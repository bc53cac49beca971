"""Follows deliveries and runs as they happen."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from vedette.admin.deliveries import DeliveryRun, DeliveryWithRuns
from vedette.admin.filters import DeliveryFilter
from vedette.admin.session import AdminSession
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.deliveries.journal import Journal, JournalEntry
from vedette.store.runs.runs import Runs

_WAIT: Final = 1.0
"""Seconds for which one read waits; it bounds how late Ctrl-C is noticed."""


async def follow_deliveries(session: AdminSession, wanted: DeliveryFilter) -> AsyncIterator[DeliveryWithRuns]:
    """Begin to watch; return each delivery that matches when it is stored, and again after each attempt of a run.

    Raises:
        redis.exceptions.RedisError: The server gives no answer.
    """
    return _deliveries(session, wanted, await _begin(session))


async def follow_runs(session: AdminSession, wanted: DeliveryFilter) -> AsyncIterator[DeliveryRun]:
    """Begin to watch; return each run that matches after each of its attempts.

    Raises:
        redis.exceptions.RedisError: The server gives no answer.
    """
    return _runs(session, wanted, await _begin(session))


async def _begin(session: AdminSession) -> Journal:
    journal = Journal(session.redis)
    await journal.start()
    return journal


async def _deliveries(
    session: AdminSession, wanted: DeliveryFilter, journal: Journal
) -> AsyncIterator[DeliveryWithRuns]:
    while True:
        entries = [one for one in await journal.follow(_WAIT) if one.kind in {"accepted", "ended"} or _is_unasked(one)]
        for found in await _load(session, entries):
            if wanted.matches_delivery(found.delivery, found.runs):
                yield found


async def _runs(session: AdminSession, wanted: DeliveryFilter, journal: Journal) -> AsyncIterator[DeliveryRun]:
    while True:
        entries = [one for one in await journal.follow(_WAIT) if one.kind == "ended"]
        ended = {(one.delivery, one.handler) for one in entries}
        for delivery, runs in await _load(session, entries):
            if not wanted.matches_delivery(delivery, runs):
                continue
            for run in runs:
                if ended & {(delivery.id, run.name), (delivery.id, run.handler)} and wanted.matches_run(run):
                    yield DeliveryRun(delivery, run)


def _is_unasked(entry: JournalEntry) -> bool:
    """Return whether it was decided that no handler works on a delivery, which no attempt will tell."""
    return entry.kind == "decided" and not entry.handlers


async def _load(session: AdminSession, entries: Sequence[JournalEntry]) -> list[DeliveryWithRuns]:
    ids = list(dict.fromkeys(one.delivery for one in entries))
    deliveries = await Deliveries(session.redis).summaries(ids)
    of = await Runs(session.redis).of([(one.id, one.runs or ()) for one in deliveries])
    return [DeliveryWithRuns(one, of[one.id]) for one in deliveries]
