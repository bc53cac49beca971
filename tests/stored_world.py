"""Deliveries and runs in many states, stored by the real scripts in a real Redis, to be searched."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vedette._core.ids import IdGenerator
from vedette.store.deliveries.deliveries import Deliveries
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

TENANTS: Final = ("sentry.io/acme", "sentry.io/other")
_KEYS: Final = [DELIVERIES, JOURNAL, STORED, queue_key(FAN_OUT_QUEUE), messages_key(FAN_OUT_QUEUE)]


@dataclass
class StoredWorld:
    """The deliveries of two tenants."""

    client: RedisClient
    began: int = 1_790_000_000_000
    ids: list[str] = field(default_factory=list[str])
    undecided: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        """Load the scripts."""
        self.runs, self.deliveries = Runs(self.client), Deliveries(self.client)
        self._accept = self.client.register_script(script("deliveries/accept"))
        self._times, self._identifiers = itertools.count(self.began, 1000), IdGenerator()

    async def accept(self, issue: str = "1", *, tenant: int = 0, resource: str = "issue", **more: Any) -> str:
        """Store one delivery as the receiver does; return its id."""
        (identifier,) = await self.accept_all([self.record(issue, tenant=tenant, resource=resource, **more)])
        return identifier

    def record(self, issue: str = "1", *, tenant: int = 0, resource: str = "issue", **more: Any) -> StoredRecord:
        """Return the record of a delivery that nothing else is like."""
        moment = next(self._times)
        identifier = self._identifiers.new(moment)
        values: dict[str, Any] = {"key": f"k:{identifier}", "window": 1000, "source": "webhook", "action": "created"}
        values |= {"sent": "", "headers": "{}", "size": 2, "encoding": "", "state": "accepted", "reason": ""}
        values |= {"request_id": f"request-{identifier}", "label": f"SHOP-{issue}" if issue else "", "secret": ""}
        values |= {
            "id": identifier,
            "integration": f"of-{tenant}",
            "resource": resource,
            "issue": issue,
            "title": "KeyError",
            **more,
        }
        subject = f"issue:{issue}" if issue else ""
        return StoredRecord(**values, subject=subject, accepted=moment, tenant=TENANTS[tenant])

    async def accept_all(self, records: Sequence[StoredRecord], body: bytes = b"{}") -> list[str]:
        """Store deliveries with one body in one call; return their ids."""
        arguments: list[Any] = [DELIVERY_PREFIX, SEEN_PREFIX, JOURNAL_LENGTH, "0"]
        for record in records:
            arguments += [encode_facts(record), body]
        answers = await self._accept(keys=_KEYS, args=arguments)
        assert [answer for answer in answers if answer] == []
        self.ids += [record.id for record in records]
        return [record.id for record in records]

    async def plan(self, delivery: str, *handlers: str) -> None:
        """Decide a delivery as a worker does."""
        found = await self.deliveries.summary(delivery)
        about = PlannedDelivery(found.issue or "", found.tenant, found.request_id, found.title or "")
        planned = [PlannedRun(name, "act", ordered=False) for name in handlers]
        decision = await self.runs.plan(delivery, planned, found.label or "", about)
        assert decision.after == ""

    async def end(self, delivery: str, handler: str, state: Any, **more: Any) -> None:
        """Attempt a run and end it in a state."""
        start = await self.runs.start_attempt(delivery, handler, RunMessage(1))
        assert start.verdict == "go"
        if state != "running":
            outcome = AttemptOutcome(state, wait=600_000, **more)
            assert await self.runs.finish_attempt(delivery, handler, start.attempt_token, outcome)

    async def fill(self, chance: random.Random, number: int) -> None:
        """Store so many deliveries of all kinds, with runs in all states; the newest are not decided."""
        states = ("queued", "running", "retrying", "done", "dropped", "dead", "quarantined")
        for delivery in self.undecided:
            await self.plan(delivery)
        self.undecided.clear()
        for place in range(number):
            resource = chance.choice(("issue", "issue", "error", "comment"))
            rebuilt = chance.choice(("", "", "", "recent"))
            issue = chance.choice(("1", "2", "3", ""))
            delivery = await self.accept(issue, tenant=chance.randrange(2), resource=resource, rebuilt=rebuilt)
            handlers = [name for name in ("triage", "notify") if chance.random() < 0.5]
            if place > number * 0.9:
                self.undecided.append(delivery)
            else:
                await self.plan(delivery, *handlers)
                for handler in handlers:
                    state = chance.choice(states)
                    if state != "queued":
                        await self.end(delivery, handler, state)
