"""Deferred runs, step by step."""

from collections.abc import Awaitable, Callable

from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.queues.delayed import CANCELLED, DelayedMessages
from vedette.store.queues.queue_messages import RUN_QUEUE
from vedette.store.runs.attempts import AttemptOutcome, AttemptStart, PlannedRun, RunLimits, RunMessage
from vedette.store.runs.dead_letters import DeadLetters
from vedette.store.runs.run import Run
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import SCHEDULE, queue_key

Accept = Callable[..., Awaitable[str]]
HOUR = 3600.0


class Asking:
    """One delivery with a started run of `nag`, and its deferred runs."""

    def __init__(self, client: RedisClient, delivery: str) -> None:
        self.runs, self.deliveries, self.schedule = Runs(client), Deliveries(client), DelayedMessages(client)
        self.letters = DeadLetters(client)
        self.client, self.delivery = client, delivery

    async def begin(self, name: str = "nag", generation: int = 1, limits: RunLimits | None = None) -> AttemptStart:
        return await self.runs.start_attempt(self.delivery, name, RunMessage(generation), limits or RunLimits())

    async def ask(self, name: str = "look", *, by: str = "nag", attempt_token: int = 1, wait: float = HOUR) -> bool:
        return await self.runs.defer(self.delivery, by, attempt_token, name=name, data='{"a":1}', wait=wait)

    async def its_time_comes(self) -> None:
        """Promote the delayed messages, as the leader does."""
        for entry in await self.schedule.next():
            await self.client.zrem(SCHEDULE, entry.id)

    async def settle(self, name: str = "nag", attempt_token: int = 1, state: str = "done") -> bool:
        outcome = AttemptOutcome("done") if state == "done" else AttemptOutcome("dead", error="x")
        return await self.runs.finish_attempt(self.delivery, name, attempt_token, outcome)

    async def run(self, name: str = "nag@look") -> Run:
        run = await self.runs.get(self.delivery, name)
        assert run is not None
        return run

    async def is_finished(self) -> bool:
        return (await self.deliveries.summary(self.delivery)).finished is not None


async def asking(client: RedisClient, delivery: str, *, ordered: bool = True) -> Asking:
    made = Asking(client, delivery)
    await made.runs.plan(delivery, [PlannedRun("nag", "act", "demo 1", ordered)], "SHOP-1")
    await made.begin()
    return made


async def test_what_is_put_off_is_a_run_of_its_own_that_keeps_its_delivery_unfinished(
    client: RedisClient, accept: Accept
) -> None:
    made = await asking(client, await accept())
    assert await made.ask()
    await made.settle()
    assert not await made.is_finished()
    (entry,) = await made.schedule.next()
    assert (entry.delivery, entry.handler, entry.run) == (made.delivery, "nag", "nag@look")
    assert entry.why == "deferred by its handler"
    waiting = await made.run()
    assert (waiting.handler, waiting.deferral, waiting.name) == ("nag", "look", "nag@look")
    assert (waiting.state, waiting.mode, waiting.source, waiting.due) == ("waiting", "act", "demo 1", entry.due)
    begun = await made.begin("nag@look")
    assert (begun.verdict, begun.attempt, begun.data, begun.queued) == ("go", 1, '{"a":1}', entry.due)
    await made.settle("nag@look")
    assert await made.is_finished()
    summary = await made.deliveries.summary(made.delivery)
    assert (summary.handlers, summary.runs) == (("nag",), ("nag", "nag@look"))


async def test_a_repeated_attempt_that_asks_again_changes_nothing(client: RedisClient, accept: Accept) -> None:
    made = await asking(client, await accept(), ordered=False)
    await made.ask()
    first = await made.schedule.next()
    again = await made.begin()
    assert (again.attempt_token, again.crashes) == (2, 1)
    assert await made.ask(attempt_token=2, wait=2 * HOUR)
    assert await made.schedule.next() == first
    await made.begin("nag@look")
    await made.settle("nag@look")
    assert await made.ask(attempt_token=2)
    assert (await made.run()).state == "done"


async def test_an_attempt_that_was_given_to_another_worker_puts_nothing_off(
    client: RedisClient, accept: Accept
) -> None:
    made = await asking(client, await accept())
    await made.begin()
    assert not await made.ask(attempt_token=1)
    await made.settle(attempt_token=2)
    assert not await made.ask(attempt_token=2)
    assert await client.zcard(SCHEDULE) == 0


async def test_in_its_own_run_it_asks_for_one_more_which_waits_when_that_has_ended_well(
    client: RedisClient, accept: Accept
) -> None:
    made = await asking(client, await accept())
    await made.ask()
    await made.settle()
    for attempt_token in (1, 2, 3):
        await made.its_time_comes()
        assert (await made.begin("nag@look", generation=attempt_token)).attempt == 1
        assert await made.ask(by="nag@look", attempt_token=attempt_token)
        assert await made.ask(by="nag@look", attempt_token=attempt_token)
        await made.settle("nag@look", attempt_token)
        assert (await made.run()).state == "waiting"
        assert await client.zcard(SCHEDULE) == 1
    await made.begin("nag@look", generation=4)
    await made.settle("nag@look", 4)
    assert await made.is_finished()


async def test_two_names_may_call_each_other_for_ever(client: RedisClient, accept: Accept) -> None:
    made = await asking(client, await accept())
    await made.ask("tick")
    await made.settle()
    for attempt_token in (1, 2, 3):
        for name, other in (("nag@tick", "tock"), ("nag@tock", "tick")):
            assert (await made.begin(name, generation=attempt_token)).verdict == "go"
            await made.ask(other, by=name, attempt_token=attempt_token)
            await made.settle(name, attempt_token)
    assert (await made.run("nag@tick")).state == "waiting"


async def test_one_that_is_cancelled_is_dropped_and_its_delivery_finished(client: RedisClient, accept: Accept) -> None:
    made = await asking(client, await accept())
    await made.ask()
    await made.settle()
    assert await made.schedule.cancel(f"{made.delivery}:nag@look")
    assert not await made.schedule.cancel(f"{made.delivery}:nag@look")
    run = await made.run()
    assert (run.state, run.error) == ("dropped", CANCELLED)
    assert await made.is_finished()
    assert await client.zcard(SCHEDULE) == await client.hlen("{vedette}:schedule.messages") == 0


async def test_a_dead_one_is_kept_and_replayed_under_its_name(client: RedisClient, accept: Accept) -> None:
    made = await asking(client, await accept())
    await made.ask()
    await made.settle()
    await made.begin("nag@look")
    await made.settle("nag@look", state="dead")
    (letter,) = await made.letters.latest()
    assert letter.id == f"{made.delivery}:nag@look"
    await made.letters.replay(made.delivery, "nag@look")
    begun = await made.begin("nag@look", generation=2)
    assert (begun.attempt, begun.data) == (1, '{"a":1}')


async def test_a_handler_that_is_replayed_asks_anew(client: RedisClient, accept: Accept) -> None:
    made = await asking(client, await accept())
    await made.ask()
    await made.settle()
    await made.begin("nag@look")
    await made.settle("nag@look")
    await made.letters.replay(made.delivery, "nag")
    await made.begin(generation=2)
    await made.ask(attempt_token=2)
    assert (await made.run()).state == "waiting"


async def test_deciding_anew_takes_out_what_only_waits_for_its_time(client: RedisClient, accept: Accept) -> None:
    made = await asking(client, await accept())
    await made.ask()
    await made.settle()
    await made.letters.redispatch(made.delivery)
    assert await client.zcard(SCHEDULE) == 0
    await made.runs.plan(made.delivery, [PlannedRun("nag", "act")], "")
    await made.begin(generation=2)
    await made.ask(attempt_token=2)
    assert (await made.run()).state == "waiting"


async def test_it_takes_its_turn_among_its_handler_s_runs_on_the_subject(client: RedisClient, accept: Accept) -> None:
    made = await asking(client, await accept())
    newer = Asking(client, await accept())
    await newer.runs.plan(newer.delivery, [PlannedRun("nag", "act")], "")
    await made.ask()
    assert (await made.begin("nag@look")).why == f"behind {made.delivery}"
    await made.settle()
    queued = await client.lrange(queue_key(RUN_QUEUE), 0, -1)
    assert queued[-1].decode() == f"{made.delivery}:nag@look:2"
    await made.begin("nag@look", generation=2)
    assert (await newer.run("nag")).state == "waiting"
    await made.settle("nag@look")
    assert (await newer.begin()).verdict == "go"


async def test_it_counts_against_its_handler_s_limits(client: RedisClient, accept: Accept) -> None:
    limits = RunLimits(concurrency=1)
    made = Asking(client, await accept())
    await made.runs.plan(made.delivery, [PlannedRun("nag", "act", ordered=False)], "")
    await made.begin(limits=limits)
    await made.ask()
    assert (await made.begin("nag@look", limits=limits)).why == "others are running"
    await made.settle()
    assert (await made.begin("nag@look", generation=2, limits=limits)).verdict == "go"
    await made.settle("nag@look")
    slow = RunLimits(rate=1, period=60_000)
    other = Asking(client, await accept(subject="issue:2"))
    await other.runs.plan(other.delivery, [PlannedRun("nag", "act", ordered=False)], "")
    await other.begin(limits=slow)
    await other.ask()
    assert (await other.begin("nag@look", limits=slow)).why == "throttled"
