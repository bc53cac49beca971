"""Fills Redis with deliveries and runs through the scripts that a receiver and workers use."""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any, Final

from vedette._core.ids import IdGenerator
from vedette.store.access.audit_log import Audit
from vedette.store.deliveries.stored_record import StoredRecord, encode_facts
from vedette.store.queues.queue_messages import FAN_OUT_QUEUE
from vedette.store.runs.attempts import AttemptOutcome, PlannedDelivery, PlannedRun, RunMessage
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import (
    DELIVERIES,
    DELIVERY_PREFIX,
    JOURNAL,
    JOURNAL_LENGTH,
    SEEN_PREFIX,
    STORED,
    messages_key,
    queue_key,
)
from vedette.store.server.scripts import script

TENANT: Final = "sentry.io/acme"
HOT: Final = "1000000"
"""The issue that every hundredth delivery is about."""
RARE: Final = "1000001"
"""The issue of three deliveries, the oldest."""
BODY: Final = 200
"""Bytes of a stored body; deliveries with larger ones differ by that much alone."""
_BATCH = 500
_KEYS = [DELIVERIES, JOURNAL, STORED, queue_key(FAN_OUT_QUEUE), messages_key(FAN_OUT_QUEUE)]
_HEADERS = '{"content-type":"application/json","user-agent":"python-requests/2.32.3"}'


class Filling:
    """Deliveries of two weeks, the newest last; every tenth has a run, every hundredth of these is a dead letter."""

    def __init__(self, client: RedisClient, planned: int) -> None:
        self.client, self.stored = client, 0
        self._accept = client.register_script(script("deliveries/accept"))
        self._runs, self._audit = Runs(client), Audit(client, 365 * 86_400.0)
        self._identifiers, self._chance = IdGenerator(), random.Random(16)
        self._began = time.time_ns() // 1_000_000 - planned - 60_000
        self.last_request = ""

    async def up_to(self, number: int) -> None:
        """Store deliveries until there are so many."""
        while self.stored < number:
            records = [self._record() for _ in range(min(_BATCH, number - self.stored))]
            await self._store(records)
            # Those of one subject are decided in their order.
            for record in records:
                if record.issue == HOT:
                    await self._decide(record)
            await asyncio.gather(*(self._decide(record) for record in records if record.issue != HOT))
        # Messages and the journal do not stay.
        names = [queue_key(name) for name in ("run", FAN_OUT_QUEUE)]
        await self.client.delete(*names, *(f"{name}.msgs" for name in names))

    def _record(self) -> StoredRecord:
        number, chance = self.stored, self._chance
        self.stored += 1
        moment = self._began + number
        issue = HOT if number % 100 == 0 else RARE if number in {11, 12, 13} else str(2_000_000 + number)
        resource = "comment" if number % 1000 == 7 else "error" if number % 3 else "issue"
        self.last_request = f"{chance.getrandbits(128):032x}"
        values: dict[str, Any] = {"integration": "default", "source": "webhook", "action": "created", "secret": "1"}
        values |= {"sent": "1790000000", "headers": _HEADERS, "size": 1600, "encoding": "zstd", "state": "accepted"}
        return StoredRecord(
            **values,
            id=self._identifiers.new(moment),
            key=f"default:{resource}.created:{number}",
            window=86_400_000,
            resource=resource,
            subject=f"issue:{issue}",
            issue=issue,
            accepted=moment,
            request_id=self.last_request,
            reason="",
            tenant=TENANT,
            body_key=f"{chance.getrandbits(128):032x}",
            label=f"SHOP-{int(issue):X}",
            title="KeyError: 'total' in checkout",
        )

    async def _store(self, records: Sequence[StoredRecord]) -> None:
        arguments: list[Any] = [DELIVERY_PREFIX, SEEN_PREFIX, JOURNAL_LENGTH, "0"]
        for record in records:
            arguments += [encode_facts(record), self._chance.randbytes(BODY)]
        answers = await self._accept(keys=_KEYS, args=arguments)
        assert not any(answers), "a delivery was taken for a repetition"

    async def _decide(self, record: StoredRecord) -> None:
        number = int(record.key.rpartition(":")[2])
        about = PlannedDelivery(record.issue, record.tenant, record.request_id, record.title)
        handlers = [PlannedRun("triage", "act", ordered=False)] if number % 10 == 0 else []
        await self._runs.plan(record.id, handlers, record.label, about)
        if not handlers:
            return
        start = await self._runs.start_attempt(record.id, "triage", RunMessage(1))
        outcome = AttemptOutcome("done", ("resolved it",), effect="acted", rules=("noise",))
        if number % 1000 == 0:
            outcome = AttemptOutcome("dead", error="KeyError: 'total'")
        elif number % 100 == 10:
            facts = {"handler": "triage", "issue": record.issue, "label": record.label, "delivery": record.id}
            await self._audit.append("call", {**facts, "rule": "noise", "intent": "resolved it", "decision": "granted"})
        await self._runs.finish_attempt(record.id, "triage", start.attempt_token, outcome)
