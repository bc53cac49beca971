"""Makes the stored record of a rebuilt delivery, identified by the function that identifies webhooks."""

import json
from dataclasses import dataclass

from vedette._core.ids import IdGenerator
from vedette.events.identification import identify
from vedette.history.payload import Origin, rebuild_payload
from vedette.reconcile.past_events import PastEvent
from vedette.store.deliveries.stored_record import Rebuilt, StoredRecord

RECOGNISED = 30 * 86_400_000
"""Milliseconds for which a rebuilt delivery of what happens once is recognised by its meaning."""


@dataclass(frozen=True, slots=True)
class RebuiltBody:
    """A rebuilt delivery, ready to be stored."""

    record: StoredRecord
    body: bytes


@dataclass(frozen=True, slots=True)
class DeliveryBuilder:
    """Builds the deliveries of one integration.

    Attributes:
        integration: The name of the integration.
        tenant: Its tenant.
        origin: The parts of payloads that no issue has.
        ids: The source of ids, in the order of the deliveries.
    """

    integration: str
    tenant: str
    origin: Origin
    ids: IdGenerator

    def build(self, past_event: PastEvent, rebuilt: Rebuilt, now: int) -> RebuiltBody:
        """Return the delivery of a past event.

        Args:
            past_event: The past event without a webhook.
            rebuilt: How it is rebuilt.
            now: Unix time in milliseconds.
        """
        resource = past_event.event.name.partition(".")[0]
        payload = rebuild_payload(past_event.event, past_event.body, self.origin)
        body = json.dumps(payload, separators=(",", ":")).encode("ascii")
        found = identify(resource, body)
        record = StoredRecord(
            id=self.ids.new(now),
            key=f"{self.integration}:{found.key}" if found.key else "",
            window=RECOGNISED,
            integration=self.integration,
            source="reconcile",
            resource=resource,
            action=found.action,
            subject=found.subject,
            issue=found.issue,
            accepted=now,
            sent="",
            request_id="",
            headers="{}",
            size=len(body),
            encoding="",
            state="quarantined" if found.quarantine else "accepted",
            reason=found.quarantine,
            secret="",
            tenant=self.tenant,
            recurs=found.recurs,
            label=found.label,
            title=found.title,
            occurrence=past_event.occurrence,
            happened=past_event.milliseconds,
            rebuilt=rebuilt,
        )
        return RebuiltBody(record, body)
