"""The limiter that processes share, on a real server."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from structlog.testing import capture_logs

from tests.vedette.api.stub import TOKEN, Reply, StubSentry, issue
from vedette.api import OPERATIONS, Answer, Call, IssueUpdate, Lane, RetryPolicy, Sentry
from vedette.api.errors import CallsHeld, RateLimited, SentryError, read_detail
from vedette.api.models import Issue
from vedette.api.rate_limits import AssumedLimits, LimitedTransport, Limiter, RateLimit, read_rate_limit
from vedette.api.rate_limits.limiter import Lease
from vedette.api.rate_limits.priority_queue import PriorityQueue, RetryLater
from vedette.api.transport.retries import Stop
from vedette.store.access.held_calls import held_calls

TEAMS = OPERATIONS["teams.list"]
ASKED = Call(TEAMS, {"organization_id_or_slug": "acme"})
GET = OPERATIONS["issues.get"]
STATE = "{vedette}:limit:sentry.io/acme:GET:state"
LIMIT = {"x-sentry-rate-limit-limit": "40", "x-sentry-rate-limit-concurrentlimit": "25"}


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    client = cast("Any", Redis).from_url(redis_url)
    yield client
    await client.aclose()


def limiter(redis: Any, **assumed: Any) -> Limiter:
    return Limiter(redis, "sentry.io/acme", AssumedLimits(**assumed))


async def granted(limiter: Limiter, operation: Any, lane: Lane, times: int) -> list[Lease]:
    answers = [await limiter.acquire(operation, lane) for _ in range(times)]
    return [answer for answer in answers if isinstance(answer, Lease)]


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, RateLimit()),
        (
            {**LIMIT, "x-sentry-rate-limit-remaining": "39", "x-sentry-rate-limit-reset": "1786000000"},
            RateLimit(40, 39, 1786000000, 25),
        ),
        ({"x-sentry-rate-limit-limit": "5", "x-sentry-rate-limit-concurrentlimit": "None"}, RateLimit(5)),
        (dict.fromkeys(LIMIT, "None"), RateLimit()),
        ({"x-sentry-rate-limit-limit": "9" * 40}, RateLimit()),
        ({"x-sentry-rate-limit-limit": "²"}, RateLimit()),
    ],
)
def test_the_limit_is_read_leniently(headers: dict[str, str], found: RateLimit) -> None:
    assert read_rate_limit(headers) == found


@given(st.text())
def test_no_header_breaks_the_reader(text: str) -> None:
    assert (read_rate_limit(dict.fromkeys(LIMIT, text)).limit or 0) >= 0


async def test_a_window_never_has_more_than_its_limit(redis: Any) -> None:
    one, other = limiter(redis, window=60.0, requests=20), limiter(redis, window=60.0, requests=20)
    leases = [*await granted(one, TEAMS, Lane.WEBHOOK, 5), *await granted(other, TEAMS, Lane.WEBHOOK, 30)]
    for lease in leases:
        await one.release(lease)
    persons = await granted(other, TEAMS, Lane.PERSON, 30)
    assert len(leases) <= 19
    assert len(leases) + len(persons) == 20


async def test_a_person_goes_at_once_where_others_wait_for_their_slot(redis: Any) -> None:
    shared = limiter(redis, window=60.0)
    assert len(await granted(shared, TEAMS, Lane.WEBHOOK, 40)) < 20
    later = await shared.acquire(TEAMS, Lane.WEBHOOK)
    assert isinstance(later, RetryLater)
    assert 0 < later.seconds < 60
    assert isinstance(await shared.acquire(TEAMS, Lane.PERSON), Lease)


async def test_who_waits_in_a_lower_lane_lets_a_higher_one_go_first(redis: Any) -> None:
    hooks, backfill = limiter(redis), limiter(redis)
    holder = await hooks.acquire(TEAMS, Lane.WEBHOOK)
    assert isinstance(holder, Lease)
    await hooks.release(holder, pause=0.1)
    assert isinstance(await hooks.acquire(TEAMS, Lane.WEBHOOK), RetryLater)
    await asyncio.sleep(0.11)
    assert isinstance(await backfill.acquire(TEAMS, Lane.BACKFILL), RetryLater)
    assert isinstance(await hooks.acquire(TEAMS, Lane.WEBHOOK), Lease)
    assert isinstance(await backfill.acquire(TEAMS, Lane.BACKFILL), Lease)


async def test_agents_go_between_handlers_and_background_work(redis: Any) -> None:
    hooks, agents, backfill = limiter(redis), limiter(redis), limiter(redis)
    holder = await hooks.acquire(TEAMS, Lane.WEBHOOK)
    assert isinstance(holder, Lease)
    await hooks.release(holder, pause=0.1)
    assert isinstance(await agents.acquire(TEAMS, Lane.AGENT), RetryLater)
    assert isinstance(await hooks.acquire(TEAMS, Lane.WEBHOOK), RetryLater)
    await asyncio.sleep(0.11)
    assert isinstance(await backfill.acquire(TEAMS, Lane.BACKFILL), RetryLater)
    assert isinstance(await agents.acquire(TEAMS, Lane.AGENT), RetryLater)
    assert isinstance(await hooks.acquire(TEAMS, Lane.WEBHOOK), Lease)
    assert isinstance(await agents.acquire(TEAMS, Lane.AGENT), Lease)
    assert isinstance(await backfill.acquire(TEAMS, Lane.BACKFILL), Lease)


async def test_agents_that_call_as_fast_as_they_may_leave_handlers_a_burst(redis: Any) -> None:
    agents, hooks = limiter(redis, window=60.0), limiter(redis, window=60.0)
    assert len(await granted(agents, TEAMS, Lane.AGENT, 60)) == 6
    # Half of the burst that handlers have where they are alone.
    assert len(await granted(hooks, TEAMS, Lane.WEBHOOK, 60)) == 5


async def test_agents_leave_a_quarter_of_the_calls_in_flight_to_handlers(redis: Any) -> None:
    agents, hooks = limiter(redis, requests=400, concurrent=12), limiter(redis, requests=400, concurrent=12)
    assert len(await granted(agents, TEAMS, Lane.AGENT, 30)) == 8
    assert len(await granted(hooks, TEAMS, Lane.WEBHOOK, 30)) == 3


async def test_calls_in_flight_are_capped_and_the_last_place_is_a_persons(redis: Any) -> None:
    shared = limiter(redis, requests=400, concurrent=5)
    leases = await granted(shared, TEAMS, Lane.WEBHOOK, 20)
    assert len(leases) == 4
    assert len(await granted(shared, TEAMS, Lane.PERSON, 3)) == 1
    await shared.release(leases[0])
    assert len(await granted(shared, TEAMS, Lane.PERSON, 3)) == 1


async def test_what_sentry_says_of_its_limit_counts_for_all_processes(redis: Any) -> None:
    one, other = limiter(redis, window=60.0), limiter(redis, window=60.0)
    (lease,) = await granted(one, TEAMS, Lane.PERSON, 1)
    await one.release(lease, RateLimit(limit=3, concurrent=None))
    assert len(await granted(other, TEAMS, Lane.PERSON, 30)) == 2


async def test_a_pause_holds_all_processes(redis: Any) -> None:
    one, other = limiter(redis), limiter(redis)
    (lease,) = await granted(one, TEAMS, Lane.PERSON, 1)
    await one.release(lease, pause=5.0)
    answer = await other.acquire(TEAMS, Lane.PERSON)
    assert isinstance(answer, RetryLater)
    assert 4 < answer.seconds <= 5


async def test_operations_with_their_own_limit_do_not_use_up_the_others(redis: Any) -> None:
    shared = limiter(redis, window=60.0)
    assert len(await granted(shared, GET, Lane.PERSON, 10)) == 5
    assert len(await granted(shared, TEAMS, Lane.PERSON, 3)) == 3
    assert len(await granted(shared, OPERATIONS["issues.search"], Lane.PERSON, 20)) == 10
    keys = {key.decode() for key in await redis.keys("*")}
    assert all(key.startswith("{vedette}:limit:sentry.io/acme:") for key in keys)
    assert all([await redis.pttl(key) > 0 for key in keys])


async def test_a_lease_that_is_never_given_back_is_forgotten(redis: Any) -> None:
    shared = limiter(redis, requests=400, concurrent=1, lease=0.05)
    assert len(await granted(shared, TEAMS, Lane.WEBHOOK, 2)) == 1
    await asyncio.sleep(0.06)
    assert len(await granted(shared, TEAMS, Lane.WEBHOOK, 2)) == 1


@dataclass(frozen=True)
class Raised:
    status: int
    headers: dict[str, str]


class Answering:
    """Answers in order."""

    def __init__(self, *answers: Answer | Raised) -> None:
        self.answers = list(answers)

    async def send(self, call: Call) -> Answer:
        answer = self.answers.pop(0)
        if isinstance(answer, Raised):
            raise RateLimited(call, status=answer.status, headers=answer.headers)
        return answer


@dataclass
class Counting:
    """Sentry's own counting, in fixed windows."""

    limit: int = 40
    windows: dict[int, int] = field(default_factory=dict[int, int])
    refused: int = 0
    headers: dict[str, str] = field(default_factory=lambda: dict(LIMIT))

    async def send(self, call: Call) -> Answer:
        window = int(time.time())
        self.windows[window] = self.windows.get(window, 0) + 1
        headers = {**self.headers, "x-sentry-rate-limit-reset": str(window + 1)}
        await asyncio.sleep(0.01)
        if self.windows[window] > self.limit:
            self.refused += 1
            raise RateLimited(call, status=429, headers=headers, detail=read_detail({"detail": "too frequently"}))
        return Answer(200, headers, [])


async def together(jobs: list[Callable[[], Awaitable[Any]]]) -> list[Any]:
    return await asyncio.gather(*(job() for job in jobs), return_exceptions=True)


async def test_many_callers_in_two_processes_stay_within_the_limit(redis: Any) -> None:
    sentry = Counting()
    layers = [LimitedTransport(sentry, limiter(redis)) for _ in range(2)]
    answers = await together([lambda layer=layer: layer.send(Call(TEAMS)) for layer in layers for _ in range(30)])
    assert all(isinstance(answer, Answer | SentryError) for answer in answers)
    assert sum(sentry.windows.values()) == 60
    assert sentry.refused <= 2
    assert await redis.zcard("{vedette}:limit:sentry.io/acme:GET:flying") == 0


async def test_an_operation_without_a_limit_is_not_held_up(redis: Any) -> None:
    sentry = Counting(limit=10_000, headers={})

    class Unlimited:
        async def send(self, call: Call) -> Answer:
            await sentry.send(call)
            return Answer(200, {}, [])

    layer = LimitedTransport(Unlimited(), limiter(redis, window=600.0))
    for _ in range(100):
        await layer.send(Call(TEAMS))
    assert sum(sentry.windows.values()) == 100


async def test_a_429_pauses_everybody(redis: Any) -> None:
    ends = {"x-sentry-rate-limit-reset": str(int(time.time()) + 5)}
    layer = LimitedTransport(Answering(Raised(429, {**LIMIT, **ends})), limiter(redis))
    with pytest.raises(RateLimited):
        await layer.send(Call(TEAMS))
    hold = await redis.hget("{vedette}:limit:sentry.io/acme:GET:state", "hold")
    assert int(hold) > 0


@pytest.mark.parametrize("value", ["600", "999999", "inf", "9" * 400, "nan", "Thu, 01 Jan 2099 00:00:00 GMT"])
async def test_no_429_holds_calls_for_longer_than_a_minute_and_the_lease_is_given_back(redis: Any, value: str) -> None:
    for header in ("retry-after", "x-sentry-rate-limit-reset"):
        layer = LimitedTransport(Answering(Raised(429, {**LIMIT, header: value})), limiter(redis))
        with pytest.raises(RateLimited):
            await layer.send(Call(TEAMS))
        assert await redis.zcard(f"{STATE.removesuffix('state')}flying") == 0
        hold, (seconds, _) = int(await redis.hget(STATE, "hold") or 0), await redis.time()
        assert hold / 1_000_000 - seconds <= 61
        await redis.flushall()


async def test_a_hold_that_no_429_can_have_made_does_not_count(redis: Any) -> None:
    seconds, _ = await redis.time()
    await redis.hset(STATE, "hold", str((seconds + 999_999) * 1_000_000))
    assert isinstance(await limiter(redis).acquire(TEAMS, Lane.WEBHOOK), Lease)


async def test_who_would_wait_longer_than_its_patience_is_told_until_when(redis: Any) -> None:
    sentry = Answering(Raised(429, {**LIMIT, "retry-after": "600"}), Answer(200, LIMIT, []))
    layers = [LimitedTransport(sentry, limiter(redis), longest_wait=30.0) for _ in range(2)]
    with capture_logs() as logs:
        with pytest.raises(RateLimited):
            await layers[0].send(ASKED)
        for layer in [*layers, *layers]:
            with pytest.raises(CallsHeld, match=r"was not sent: calls are held back for another (59|60) s") as caught:
                await layer.send(ASKED)
            assert caught.value.retryable
            assert not caught.value.outcome_unknown
            assert isinstance(RetryPolicy().decide(caught.value, 1, 0.0), Stop)
    assert len(sentry.answers) == 1
    said = [line["calls"] for line in logs if line["event"] == "calls to sentry are held back"]
    assert said == ["GET", "GET"]  # once for each process
    held = await held_calls(redis)
    assert [(one.account, one.bucket) for one in held] == [("sentry.io/acme", "GET")]
    assert 0 < held[0].seconds <= 60


async def test_what_waits_in_the_middle_of_a_line_has_patience_too() -> None:
    turns = PriorityQueue[str]()

    async def ask() -> str | RetryLater:
        return RetryLater(0.01)

    first = asyncio.create_task(turns.take("GET", 1, ask))
    await asyncio.sleep(0.02)
    assert isinstance(await turns.take("GET", 1, ask, 0.05), RetryLater)
    first.cancel()


async def test_an_operation_without_a_limit_that_is_limited_all_the_same_asks_again(redis: Any) -> None:
    sentry = Answering(Answer(200, {}, []), Raised(429, {"retry-after": "600"}), Raised(429, {"retry-after": "600"}))
    layer = LimitedTransport(sentry, limiter(redis), longest_wait=30.0)
    await layer.send(Call(TEAMS))
    for expected in (RateLimited, RateLimited, CallsHeld):
        with pytest.raises(expected):
            await layer.send(Call(TEAMS))
    assert sentry.answers == []


async def test_without_redis_calls_go_out_all_the_same() -> None:
    gone = cast("Any", Redis).from_url("unix:///nonexistent/valkey.sock")
    sentry = Counting()
    await LimitedTransport(sentry, limiter(gone)).send(Call(TEAMS))
    assert sum(sentry.windows.values()) == 1
    await gone.aclose()


async def test_a_cancelled_caller_leaves_the_line(redis: Any) -> None:
    turns = PriorityQueue[str]()
    ready = asyncio.Event()

    async def ask() -> str | RetryLater:
        return "granted" if ready.is_set() else RetryLater(0.01)

    first = asyncio.create_task(turns.take("GET", 1, ask))
    second = asyncio.create_task(turns.take("GET", 1, ask))
    await asyncio.sleep(0.02)
    first.cancel()
    ready.set()
    assert await second == "granted"
    assert first.cancelled() or await together([lambda: first])


async def test_a_person_overtakes_the_line_of_a_process() -> None:
    turns = PriorityQueue[str]()
    order: list[str] = []
    ready = asyncio.Event()

    async def take(name: str, lane: int) -> None:
        async def ask() -> str | RetryLater:
            return name if ready.is_set() else RetryLater(0.005)

        order.append(str(await turns.take("GET", lane, ask)))

    waiting = [asyncio.create_task(take(name, lane)) for name, lane in (("backfill", 2), ("hook", 1), ("person", 0))]
    await asyncio.sleep(0.02)
    ready.set()
    await asyncio.gather(*waiting)
    assert order == ["person", "hook", "backfill"]


async def test_the_client_uses_the_limiter_when_it_is_given_redis(stub: StubSentry, redis: Any) -> None:
    stub.on("GET", "*", Reply(200, issue(), LIMIT))
    async with Sentry(organization="acme", token=TOKEN, base_url=stub.url, redis=redis) as sentry:
        await sentry.issues.get("42")
    host = stub.url.removeprefix("http://")
    assert await redis.hget(f"{{vedette}}:limit:{host}/acme/user:issues.get:state", "limit") == b"40"


async def test_after_a_429_with_a_long_wait_no_call_of_any_client_waits_or_goes_out(
    stub: StubSentry, redis: Any
) -> None:
    refused = Reply(429, {"detail": "slow down"}, {"retry-after": "600"})
    stub.on("GET", "*", refused, Reply(200, issue()))
    for expected in (RateLimited, CallsHeld, CallsHeld):
        async with Sentry(organization="acme", token=TOKEN, base_url=stub.url, redis=redis) as sentry:
            with pytest.raises(expected) as caught:
                await sentry.issues.get("42")
            assert caught.value.retry_after is not None
            assert 50 <= caught.value.retry_after <= 60
    assert len(stub.requests) == 1
    # Other buckets go on.
    stub.on("PUT", "*", Reply(200, issue(hasSeen=True)))
    async with Sentry(organization="acme", token=TOKEN, base_url=stub.url, redis=redis) as sentry:
        assert (await sentry.issues.update(Issue.model_validate(issue()), IssueUpdate(has_seen=True))).changed
