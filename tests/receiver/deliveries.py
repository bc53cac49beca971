"""Deliveries as the intake makes them, for what stores them."""

from receiver.ingest.record import Delivery
from vedette.store.deliveries.stored_record import Facts


def delivery(number: int, size: int = 10) -> Delivery:
    facts = Facts(
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
    return Delivery(facts, b"x" * size)
