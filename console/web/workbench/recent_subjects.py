"""Reads the newest deliveries as subjects of rules, each once for the life of the process."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from vedette.admin.deliveries import read_delivery
from vedette.admin.session import AdminSession
from vedette.events import InvalidPayload, parse
from vedette.rules import Subject, subject_of
from vedette.store.deliveries.deliveries import Deliveries, Delivery, DeliveryNotFoundError, DeliverySummary

COMPARED: Final = 500
"""The newest deliveries that rules are held against."""


@dataclass(frozen=True)
class RecentSubject:
    """A delivery, and what rules decide about."""

    delivery: DeliverySummary
    subject: Subject


class RecentSubjects:
    """The newest deliveries that were read, bounded to `COMPARED`."""

    def __init__(self) -> None:
        self._known: dict[str, RecentSubject | None] = {}

    async def read(self, session: AdminSession) -> Sequence[RecentSubject]:
        """Return the newest deliveries that can be read, the newest first.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        newest = await Deliveries(session.redis).latest(limit=COMPARED)
        for summary in newest:
            if summary.id not in self._known:
                self._known[summary.id] = await _read(session, summary)
        self._known = {one.id: self._known[one.id] for one in newest}
        return [found for found in self._known.values() if found is not None]


async def _read(session: AdminSession, summary: DeliverySummary) -> RecentSubject | None:
    """Return a delivery as a subject; None for one that is gone, quarantined, or no event."""
    if summary.quarantined is not None:
        return None
    try:
        delivery = await read_delivery(session, summary.id)
        # Bodies have any size, so they are not parsed in the event loop.
        return RecentSubject(summary, await asyncio.to_thread(_parse, delivery, summary))
    except (DeliveryNotFoundError, InvalidPayload, ValueError):
        return None


def _parse(delivery: Delivery, summary: DeliverySummary) -> Subject:
    moment = datetime.fromtimestamp(summary.accepted / 1000, UTC)
    return subject_of(parse(summary.resource, delivery.body), now=moment)
