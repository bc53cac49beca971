"""Deliveries as the intake makes them, for what stores them."""

from receiver.ingest.record import IncomingDelivery
from vedette.store.deliveries.stored_record import StoredRecord


def delivery(number: int, size: int = 10) -> IncomingDelivery:
    facts = StoredRecord(
        id=f"{number:026}",
        key="",
        window=1000,
        integration="default",
        source="webhook",
        resource="issue",
        action="created",
        subject="",
        issue="",
        accepted=1000 + number,
        sent="",
        request_id="",
        headers="{}",
        size=size,
        encoding="",
        state="accepted",
        reason="",
        secret="",
    )
    return IncomingDelivery(facts, b"x" * size)
