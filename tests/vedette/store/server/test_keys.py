"""Two tenants whose objects have the same ids: what each of them sees does not depend on the other."""

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stored_world import TENANTS, StoredWorld
from vedette.store.access.handler_state import HandlerState
from vedette.store.access.own_writes import OwnWrites
from vedette.store.access.sent_messages import SentMessages
from vedette.store.access.write_budgets import BudgetLimits, WriteBudgets
from vedette.store.runs.attempts import AttemptOutcome, PlannedDelivery, PlannedRun, RunMessage
from vedette.store.search.delivery_search import DeliverySearch
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import scoped

Step = tuple[int, str, str]
STEPS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(("accept", "decide", "gather", "begin", "end", "claim", "count", "admit", "echo", "thread")),
        st.sampled_from(("1", "2")),
    ),
    min_size=4,
    max_size=30,
)
HANDLERS = [PlannedRun("triage", "act")]
GATHERING = [PlannedRun("digest", "act", window=600_000)]


class Tenants:
    """Both tenants in one Redis, and what each of their steps came to."""

    def __init__(self, client: RedisClient) -> None:
        self.client, self.world = client, StoredWorld(client)
        self.deliveries: list[list[str]] = [[], []]
        self.undecided: list[list[str]] = [[], []]
        self.tokens: dict[str, int] = {}

    async def take(self, step: Step) -> Any:
        tenant, what, issue = step
        return await getattr(self, what)(tenant, issue)

    def name(self, tenant: int, delivery: str) -> int:
        return self.deliveries[tenant].index(delivery)

    async def accept(self, tenant: int, issue: str) -> int:
        delivery = await self.world.accept(issue, tenant=tenant, key=f"of-{tenant}:issue.created:{issue}", window=1)
        self.deliveries[tenant].append(delivery)
        self.undecided[tenant].append(delivery)
        return len(self.deliveries[tenant])

    async def decide(self, tenant: int, issue: str, handlers: Sequence[PlannedRun] = HANDLERS) -> Any:
        if not self.undecided[tenant]:
            return None
        # The newest first, so that it has to wait for those that are its tenant's own.
        delivery = self.undecided[tenant][-1]
        found = await self.world.deliveries.summary(delivery)
        about = PlannedDelivery(issue=found.issue or "", tenant=found.tenant, request=found.request_id)
        decision = await self.world.runs.plan(delivery, handlers, found.label or "", about)
        if decision.after:
            first = self.name(tenant, decision.after)
            await self.world.runs.plan(decision.after, handlers, "")
            self.undecided[tenant].remove(decision.after)
            return first
        self.undecided[tenant].remove(delivery)
        labels = await DeliverySearch(self.client).labels([(TENANTS[tenant], issue)])
        return decision.new, labels

    async def gather(self, tenant: int, issue: str) -> Any:
        return await self.decide(tenant, issue, GATHERING)

    async def begin(self, tenant: int, issue: str) -> Any:
        del issue
        found: list[Any] = []
        for delivery in self.deliveries[tenant]:
            start = await self.world.runs.start_attempt(delivery, "triage", RunMessage(1))
            why = start.why.removeprefix("behind ")
            found.append((start.verdict, self.name(tenant, why) if why in self.deliveries[tenant] else why))
            if start.verdict == "go":
                self.tokens[delivery] = start.attempt_token
        return found

    async def end(self, tenant: int, issue: str) -> Any:
        del issue
        found: list[bool] = []
        for delivery in self.deliveries[tenant]:
            if delivery in self.tokens:
                outcome = AttemptOutcome("done")
                token = self.tokens.pop(delivery)
                found.append(await self.world.runs.finish_attempt(delivery, "triage", token, outcome))
        return found

    def state(self, tenant: int) -> HandlerState:
        return HandlerState(self.client, "triage", f"{len(self.deliveries[tenant])}", TENANTS[tenant])

    async def claim(self, tenant: int, issue: str) -> bool:
        return await self.state(tenant).claim(f"rule:{issue}", 600)

    async def count(self, tenant: int, issue: str) -> tuple[int, int]:
        state = self.state(tenant)
        return await state.next("rota"), await state.turn("rota", issue)

    async def admit(self, tenant: int, issue: str) -> str:
        budgets, about = WriteBudgets(self.client), [f"{TENANTS[tenant]}:{issue}"]
        return (await budgets.look("triage", about, BudgetLimits(per_issue=2))).verdict

    async def echo(self, tenant: int, issue: str) -> bool:
        own = OwnWrites(self.client, 300)
        about = f"{TENANTS[tenant]}:{issue}"
        return await own.echo_of(about, "d", ["issue.resolved"], "", person=False) is not None

    async def thread(self, tenant: int, issue: str) -> str | None:
        messages = SentMessages(self.client).of_tenant(TENANTS[tenant])
        before = await messages.reference("alerts", f"metric_alert:{issue}")
        await messages.begin("alerts", f"metric_alert:{issue}", f"{tenant} {len(self.deliveries[tenant])}")
        return before

    async def result(self, tenant: int) -> list[Any]:
        runs = await self.world.runs.of([(one, ("triage", "digest")) for one in self.deliveries[tenant]])
        return [[(run.handler, run.state, run.coalesced_events) for run in each] for each in runs.values()]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25, deadline=None
)
@given(steps=STEPS)
async def test_neither_tenant_notices_the_other(client: Any, steps: list[Step]) -> None:
    await client.flushall()
    both = Tenants(client)
    seen: list[list[Any]] = [[], []]
    for step in steps:
        seen[step[0]].append(await both.take(step))
    ends = [await both.result(tenant) for tenant in (0, 1)]
    for tenant in (0, 1):
        await client.flushall()
        alone = Tenants(client)
        assert [await alone.take(step) for step in steps if step[0] == tenant] == seen[tenant]
        assert await alone.result(tenant) == ends[tenant]


def test_a_name_has_its_tenant_before_it() -> None:
    assert scoped("sentry.io/acme", "issue:42") == "sentry.io/acme issue:42"
    assert scoped("", "issue:42") == "issue:42"
    assert scoped("sentry.io/acme", "") == ""
