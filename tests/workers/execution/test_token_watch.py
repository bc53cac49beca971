"""Refused tokens over several workers: each is a runtime of its own, with a stub as its Sentry and a real Redis."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.vedette.api.stub import Reply, StubSentry, serving
from vedette.alarms.alarms import Alarms
from vedette.api import OPERATIONS, Call
from vedette.api.errors import TokenRefused
from vedette.settings.settings import Settings
from vedette.store.access.refused_tokens import RefusedTokens
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import REFUSED_TOKENS
from vedette.store.server.server_check import open_redis
from workers.execution.token_watch import TokenWatch
from workers.runtime import Runtime, make_runtime

OLD, NEW = "sntryi_" + "a" * 64, "sntryi_" + "b" * 64
ISSUE = Call(OPERATIONS["issues.get"], {"organization_id_or_slug": "acme", "issue_id": "1"})
INVALID = Reply(401, {"detail": "Invalid token"})
StartWorker = Callable[..., Awaitable["Worker"]]


class Worker:
    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.watch = TokenWatch(runtime)
        self.connection = runtime.clients.connect("default")

    async def call(self) -> int:
        return (await self.connection.transport.send(ISSUE)).status

    async def is_refused(self) -> bool:
        with pytest.raises(TokenRefused):
            await self.call()
        return True


class World:
    """A Sentry that knows some tokens."""

    def __init__(self, stub: StubSentry) -> None:
        self.stub = stub
        self.valid = {OLD, NEW}
        for path in ("/api/0/", "/api/0/organizations/acme/issues/1/"):
            stub.on("GET", path, self._answer)

    def _answer(self, request: object) -> Reply:
        headers: dict[str, str] = getattr(request, "headers", {})
        token = headers.get("authorization", "").removeprefix("Bearer ")
        return Reply(200, {"id": "1", "auth": {"scopes": []}}) if token in self.valid else INVALID


@pytest.fixture
async def world() -> AsyncIterator[World]:
    stub = StubSentry()
    async with serving(stub) as stub.url:
        yield World(stub)


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[RedisClient]:
    found = open_redis(redis_url)
    yield found
    await found.aclose()


@pytest.fixture
async def start(world: World, redis_url: str) -> AsyncIterator[StartWorker]:
    started: list[Worker] = []

    async def start(token: str, url: str = redis_url) -> Worker:
        table = {"client_secret": "s" * 32, "token": token, "organization": "acme", "sentry_url": world.stub.url}
        settings = Settings.model_validate({"integrations": {"default": table}})
        started.append(Worker(make_runtime(settings, url)))
        return started[-1]

    yield start
    for worker in started:
        await worker.runtime.close()


async def _open(client: RedisClient) -> list[str]:
    return [alarm.subject for alarm in await Alarms(client).list_open()]


async def _make_due(client: RedisClient) -> None:
    for name in await client.hgetall(REFUSED_TOKENS):
        await client.hset(REFUSED_TOKENS, mapping={name.decode(): "{}"})


async def test_a_refusal_is_in_force_in_all_workers_with_that_token(
    world: World, start: StartWorker, client: RedisClient
) -> None:
    one, two = await start(OLD), await start(OLD)
    assert await two.call() == 200
    world.valid = set()
    assert await one.is_refused()
    assert await _open(client) == ["default"]
    await two.watch.look()
    asked = len(world.stub.requests)
    assert await two.is_refused()
    assert len(world.stub.requests) == asked


async def test_all_go_on_when_one_finds_that_the_token_works_again(
    world: World, start: StartWorker, client: RedisClient
) -> None:
    one, two = await start(OLD), await start(OLD)
    world.valid = set()
    assert await one.is_refused()
    await two.watch.look()
    world.valid = {OLD}
    await one.watch.look()
    assert await one.is_refused()
    await _make_due(client)
    await one.watch.look()
    await two.watch.look()
    assert [await one.call(), await two.call()] == [200, 200]
    assert await _open(client) == []
    assert not await client.exists(REFUSED_TOKENS)


async def test_a_worker_with_a_new_token_ends_the_alarm_and_the_old_one_stays_held_up(
    world: World, start: StartWorker, client: RedisClient
) -> None:
    old = await start(OLD)
    world.valid = {NEW}
    assert await old.is_refused()
    new = await start(NEW)
    await new.watch.look()
    assert await new.call() == 200
    assert await _open(client) == []
    # The old worker tries its token again, and reports nothing new.
    await _make_due(client)
    await old.watch.look()
    assert await old.is_refused()
    await new.watch.look()
    assert await _open(client) == []
    another = await start(OLD)
    assert await another.is_refused()
    assert await _open(client) == []


async def test_a_new_token_that_does_not_work_either_ends_nothing(
    world: World, start: StartWorker, client: RedisClient
) -> None:
    old = await start(OLD)
    world.valid = set()
    assert await old.is_refused()
    new = await start(NEW)
    await new.watch.look()
    assert await new.is_refused()
    assert await _open(client) == ["default"]
    assert len(await RefusedTokens(client).all()) == 2


async def test_a_refusal_that_redis_does_not_take_is_recorded_later(
    world: World, start: StartWorker, client: RedisClient
) -> None:
    worker = await start(OLD)
    breaker = worker.connection.breaker
    assert breaker is not None
    breaker.client = open_redis("redis://127.0.0.1:9/0", timeout=0.2)
    world.valid = set()
    assert await worker.is_refused()
    assert await _open(client) == []
    await breaker.client.aclose()
    breaker.client = client
    await worker.watch.look()
    assert await _open(client) == ["default"]
    assert await RefusedTokens(client).is_refused("default", breaker.fingerprint)


async def test_runs_of_an_integration_that_is_gone_go_on(start: StartWorker, client: RedisClient) -> None:
    worker = await start(NEW)
    await RefusedTokens(client).refuse("gone", "f1", 401, "Invalid token")
    await client.zadd("{vedette}:token_waiters:gone", {"d1:triage": 0})
    await worker.watch.look()
    assert await RefusedTokens(client).waiting("gone") == 1
    await _make_due(client)
    await worker.watch.look()
    assert await RefusedTokens(client).waiting("gone") == 0
    assert not await client.exists(REFUSED_TOKENS)
