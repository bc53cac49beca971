"""Makes the stored record of a rebuilt delivery, identified by the function that identifies webhooks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vedette._core.ids import IdGenerator
from vedette.events.identification import identify
from vedette.history.event_payload import EventNotice, rebuild_event_payload
from vedette.history.payload import Origin, number_of, rebuild_payload
from vedette.reconcile.arrivals import in_milliseconds
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
        payload = rebuild_payload(past_event.event, past_event.body, self.origin)
        resource = past_event.event.name.partition(".")[0]
        return self._built(resource, payload, rebuilt, past_event.milliseconds, now, past_event.occurrence)

    def build_notice(self, notice: EventNotice, stored: Mapping[str, Any], rebuilt: Rebuilt, now: int) -> RebuiltBody:
        """Return the delivery of an error, or of the firing of an alert.

        Args:
            notice: The error or firing without a webhook.
            stored: Its event, as Sentry stores it.
            rebuilt: How it is rebuilt.
            now: Unix time in milliseconds.
        """
        payload = rebuild_event_payload(notice, stored, self.origin)
        return self._built(notice.resource, payload, rebuilt, in_milliseconds(notice.at), now)

    def key_of(self, notice: EventNotice) -> str:
        """Return the deduplication key of the webhook for an error or firing, as the receiver stores it."""
        ids: dict[str, Any] = {"event_id": notice.event, "project": number_of(notice.project_id)}
        body = json.dumps(rebuild_event_payload(notice, ids, self.origin)).encode("ascii")
        return f"{self.integration}:{identify(notice.resource, body).key}"

    def _built(
        self, resource: str, payload: Mapping[str, Any], rebuilt: Rebuilt, happened: int, now: int, occurrence: str = ""
    ) -> RebuiltBody:
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
            occurrence=occurrence,
            happened=happened,
            rebuilt=rebuilt,
        )
        return RebuiltBody(record, body)
