"""Everything that is stored of one delivery: its headers and body, its runs, their attempts and calls."""

from dataclasses import dataclass

from vedette.admin.explain import DeliveryExplanation, explain_delivery
from vedette.admin.session import AdminSession
from vedette.store.deliveries.deliveries import Deliveries, Delivery
from vedette.store.deliveries.journal import Journal, JournalEntry


@dataclass(frozen=True)
class DeliveryDetail:
    """One delivery in full."""

    delivery: Delivery
    explanation: DeliveryExplanation
    attempts: tuple[JournalEntry, ...]
    """The attempts of its runs that the journal still has, the oldest first."""


async def get_delivery(session: AdminSession, delivery: str) -> DeliveryDetail:
    """Return one delivery in full.

    Raises:
        DeliveryNotFoundError: There is no such delivery.
    """
    stored = await Deliveries(session.redis).get(delivery)
    explanation = await explain_delivery(session, delivery)
    entries = await Journal(session.redis).of_delivery(delivery, stored.summary.accepted)
    return DeliveryDetail(stored, explanation, tuple(one for one in entries if one.kind == "ended"))


async def get_body(session: AdminSession, delivery: str) -> bytes:
    """Return the body of a delivery as it came.

    Raises:
        DeliveryNotFoundError: There is no such delivery.
    """
    return (await Deliveries(session.redis).get(delivery)).body
