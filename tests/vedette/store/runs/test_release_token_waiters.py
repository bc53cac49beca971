"""Runs that wait because Sentry refuses the token: in order, without using anything up, and in one worker alone."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from vedette.store.access.refused_tokens import RefusedTokens
from vedette.store.runs.attempts import AttemptOutcome, AttemptStart, PlannedRun, RunLimits, RunMessage
from vedette.store.runs.consistency import find_stalled
from vedette.store.runs.run import Run
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DEAD, REFUSED_TOKENS, queue_key, run_key

Accept = Callable[..., Awaitable[str]]
OLD, NEW = json.dumps({"default": "old"}), json.dumps({"default": "new"})


class Place:
    def __init__(self, client: RedisClient, accept: Accept) -> None:
        self.client = client
        self.runs = Runs(client)
        self.tokens = RefusedTokens(client)
        self._accept = accept

    async def planned(self, subject: str = "issue:42", *, ordered: bool = True, window: int = 0) -> str:
        delivery = await self._accept(subject=subject)
        await self.runs.plan(delivery, [PlannedRun("triage", "act", ordered=ordered, window=window)], "")
        return delivery

    async def begin(self, delivery: str, tokens: str = OLD, limits: RunLimits | None = None) -> AttemptStart:
        generation = await self.client.hget(run_key(delivery, "triage"), "generation")
        message = RunMessage(int(generation or 0), tokens=tokens)
        return await self.runs.start_attempt(delivery, "triage", message, limits or RunLimits())

    async def refuse(self) -> None:
        await self.tokens.refuse("default", "old", 401, "Invalid token")

    async def run(self, delivery: str) -> Run:
        found = await self.runs.get(delivery, "triage")
        assert found is not None
        return found

    async def queued(self) -> list[str]:
        return [one.decode().partition(":")[0] for one in await self.client.lrange(queue_key("run"), 0, -1)]

    async def empty_queue(self) -> None:
        await self.client.delete(queue_key("run"))


@pytest.fixture
def place(client: RedisClient, accept: Accept) -> Place:
    return Place(client, accept)


async def test_a_run_waits_without_an_attempt_and_says_for_what(place: Place) -> None:
    delivery = await place.planned()
    await place.refuse()
    assert (await place.begin(delivery)).verdict == "wait"
    run = await place.run(delivery)
    assert (run.state, run.attempts, run.reason) == ("waiting", 0, "Sentry refuses the token of default")
    assert await place.tokens.waiting("default") == 1
    assert await place.client.zcard(DEAD) == 0


async def test_a_run_that_waits_for_a_token_is_not_stalled(place: Place) -> None:
    delivery = await place.planned()
    await place.refuse()
    await place.begin(delivery)
    await place.empty_queue()
    assert await find_stalled(place.client) == []
    await place.client.zrem("{vedette}:token_waiters:default", f"{delivery}:triage")
    assert [(one.run, one.problem) for one in await find_stalled(place.client)] == [("triage", "waiting")]


async def test_a_run_without_need_of_a_token_and_one_of_another_worker_begin(place: Place) -> None:
    first, second = await place.planned("issue:1"), await place.planned("issue:2")
    await place.refuse()
    assert (await place.begin(first, "")).verdict == "go"
    assert (await place.begin(second, NEW)).verdict == "go"


async def test_another_integration_is_not_held_up(place: Place) -> None:
    delivery = await place.planned()
    await place.tokens.refuse("other", "old", 401, "Invalid token")
    assert (await place.begin(delivery, json.dumps({"default": "fine", "other": "old"}))).verdict == "go"


async def test_runs_go_on_in_the_order_of_their_deliveries(place: Place) -> None:
    deliveries = [await place.planned(f"issue:{number}") for number in range(5)]
    await place.refuse()
    for delivery in (deliveries[3], deliveries[0], deliveries[4], deliveries[2], deliveries[1]):
        await place.begin(delivery)
    await place.empty_queue()
    assert await place.tokens.release("default", "old") == 0
    assert await place.tokens.accept("default", "old")
    assert await place.tokens.release("default", "old") == 5
    assert await place.queued() == deliveries
    assert await place.tokens.release("default", "old") == 0
    assert [(await place.begin(one)).attempt for one in deliveries] == [1] * 5


async def test_later_runs_of_a_subject_stay_behind_the_one_that_waits(place: Place) -> None:
    first, second = await place.planned(), await place.planned()
    await place.refuse()
    assert (await place.begin(first)).why == "token"
    assert (await place.run(second)).reason == f"behind {first}"
    await place.tokens.accept("default", "old")
    await place.empty_queue()
    await place.tokens.release("default", "old")
    assert await place.queued() == [first]


async def test_an_attempt_that_met_the_refusal_does_not_count_and_waits(place: Place) -> None:
    delivery = await place.planned()
    begun = await place.begin(delivery)
    await place.refuse()
    outcome = AttemptOutcome("retrying", ("did something",), error="401", wait=1000, postponed=True, hold=0, tokens=OLD)
    assert await place.runs.finish_attempt(delivery, "triage", begun.attempt_token, outcome)
    run = await place.run(delivery)
    assert (run.state, run.attempts, run.due) == ("waiting", 0, None)
    await place.tokens.accept("default", "old")
    assert await place.tokens.release("default", "old") == 1
    again = await place.begin(delivery)
    assert (again.attempt, again.postponed, again.attempt_token) == (1, 0, begun.attempt_token + 1)


async def test_an_attempt_whose_token_works_again_by_now_is_tried_again_soon(place: Place) -> None:
    delivery = await place.planned()
    begun = await place.begin(delivery)
    outcome = AttemptOutcome("retrying", wait=60_000, postponed=True, tokens=OLD)
    await place.runs.finish_attempt(delivery, "triage", begun.attempt_token, outcome)
    run = await place.run(delivery)
    assert (run.state, run.attempts) == ("retrying", 0)
    assert run.due is not None
    assert await place.tokens.waiting("default") == 0
    assert await find_stalled(place.client) == []


async def test_the_time_of_waiting_is_not_the_age_of_the_run(place: Place) -> None:
    delivery = await place.planned()
    await place.refuse()
    await place.begin(delivery)
    await asyncio.sleep(0.05)
    await place.tokens.accept("default", "old")
    assert await place.tokens.release("default", "old") == 1
    begun = await place.begin(delivery)
    assert begun.held >= 50


async def test_a_waiting_run_gives_its_slot_back(place: Place) -> None:
    first, second = await place.planned("issue:1"), await place.planned("issue:2")
    one = RunLimits(concurrency=1)
    begun = await place.begin(first, limits=one)
    assert (await place.begin(second, NEW, one)).why == "others are running"
    await place.refuse()
    outcome = AttemptOutcome("retrying", wait=1000, postponed=True, tokens=OLD)
    await place.runs.finish_attempt(first, "triage", begun.attempt_token, outcome)
    assert (await place.begin(second, NEW, one)).verdict == "go"


async def test_a_crashed_run_counts_its_crash_and_waits(place: Place) -> None:
    delivery = await place.planned()
    await place.begin(delivery)
    await place.refuse()
    assert (await place.begin(delivery)).why == "token"
    assert (await place.run(delivery)).crashes == 1


async def test_a_run_that_was_superseded_while_it_waited_does_not_begin(place: Place) -> None:
    older = await place.planned(window=1)
    await place.refuse()
    await place.begin(older)
    newer = await place.planned(window=1)
    assert (await place.run(older)).state == "superseded"
    assert await place.tokens.waiting("default") == 0
    assert (await place.run(newer)).state == "waiting"


async def test_one_worker_at_a_time_tries_a_refused_token(place: Place) -> None:
    assert not await place.tokens.claim_probe("default", "old")
    await place.refuse()
    assert not await place.tokens.claim_probe("default", "old")
    (refusal,) = (await place.tokens.all()).values()
    past = {"since": refusal.since, "seen": refusal.seen, "probe_at": refusal.since, "failures": 0}
    await place.client.hset(REFUSED_TOKENS, mapping={"default old": json.dumps(past)})
    claims = await asyncio.gather(*(place.tokens.claim_probe("default", "old") for _ in range(8)))
    assert sum(claims) == 1
    (refusal,) = (await place.tokens.all()).values()
    assert refusal.failures == 1
    assert 9_000 < refusal.probe_at - refusal.seen <= 10_000


async def test_a_token_that_works_replaces_others_of_its_integration(place: Place) -> None:
    await place.refuse()
    await place.tokens.refuse("other", "old", 401, "")
    assert await place.tokens.accept("default", "new")
    assert not await place.tokens.accept("default", "new")
    states = await place.tokens.all()
    assert {key: state.replaced for key, state in states.items()} == {
        ("default", "old"): True,
        ("other", "old"): False,
    }
    assert not await place.tokens.refuse("default", "old", 401, "Invalid token")


@pytest.mark.parametrize("text", ["not JSON", "[]", "{}", '{"since": "x"}'])
async def test_a_refusal_that_was_altered_by_hand_is_tried_again(place: Place, text: str) -> None:
    await place.client.hset(REFUSED_TOKENS, mapping={"default old": text})
    assert (await place.tokens.all())["default", "old"].probe_at == 0
    delivery = await place.planned()
    assert (await place.begin(delivery)).why == "token"
    assert await place.tokens.claim_probe("default", "old")
    assert not await place.tokens.claim_probe("default", "old")
    await place.client.hset(REFUSED_TOKENS, mapping={"default old": text, "default other": text})
    await place.tokens.refuse("default", "old", 401, "Invalid token")
    assert await place.tokens.accept("default", "old")
    assert await place.tokens.release("default", "old") == 1
