"""A refused token told from a refused call, with a stub that answers as Sentry does."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.vedette.api.stub import TOKEN, Reply, StubSentry, serving
from vedette.api import OPERATIONS, Call, SentryConnection
from vedette.api.errors import Forbidden, NotAuthorized, SentryUnreachable, ServerError, TokenRefused, WrongToken
from vedette.api.transport.retries import RetryPolicy
from vedette.api.transport.token_guard import TokenGuard, TokenRefusal

ISSUE = Call(OPERATIONS["issues.get"], {"organization_id_or_slug": "acme", "issue_id": "1"})
PATH = "/api/0/organizations/acme/issues/1/"
WHOAMI = {"version": "0", "auth": {"scopes": ["event:read"]}, "user": {"id": "1"}}
INVALID = Reply(401, {"detail": "Invalid token"})


class World:
    def __init__(self, stub: StubSentry) -> None:
        self.stub = stub
        self.reported: list[TokenRefusal] = []
        self.connection = SentryConnection(
            organization="acme",
            token=TOKEN,
            base_url=stub.url,
            retries=RetryPolicy(attempts=1),
            on_refused=self.report,
        )
        assert self.connection.guard is not None
        self.guard: TokenGuard = self.connection.guard

    async def report(self, refusal: TokenRefusal) -> None:
        self.reported.append(refusal)

    async def fail(self, kind: type[Exception]) -> Any:
        with pytest.raises(kind) as found:
            await self.connection.send(ISSUE)
        return found.value

    def asked(self, path: str) -> int:
        return sum(request.path == path for request in self.stub.requests)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    server = StubSentry()
    async with serving(server) as server.url:
        found = World(server)
        yield found
        await found.connection.aclose()


async def test_a_token_that_sentry_refuses_everywhere_is_sent_no_more(world: World) -> None:
    world.stub.on("GET", PATH, INVALID)
    world.stub.on("GET", "/api/0/", INVALID)
    error = await world.fail(TokenRefused)
    assert (error.sent, error.status, error.detail.text, error.retryable) == (True, 401, "Invalid token", True)
    again = await world.fail(TokenRefused)
    assert (again.sent, again.operation) == (False, "issues.get")
    assert (world.asked(PATH), world.asked("/api/0/")) == (1, 1)
    assert world.reported == [TokenRefusal(401, "Invalid token")]


async def test_many_calls_that_fail_at_once_are_one_check_and_one_report(world: World) -> None:
    world.stub.on("GET", PATH, INVALID)
    world.stub.on("GET", "/api/0/", Reply(401, {"detail": "Token expired"}))
    errors = await asyncio.gather(*(world.connection.send(ISSUE) for _ in range(20)), return_exceptions=True)
    assert {type(error) for error in errors} == {TokenRefused}
    assert (world.asked("/api/0/"), len(world.reported)) == (1, 1)


async def test_a_401_of_one_endpoint_is_an_error_of_its_call(world: World) -> None:
    world.stub.on("GET", PATH, INVALID)
    world.stub.on("GET", "/api/0/", Reply(200, WHOAMI))
    error = await world.fail(NotAuthorized)
    assert type(error) is NotAuthorized
    assert world.reported == []
    assert world.guard.refusal is None


async def test_a_403_of_a_missing_scope_is_an_error_of_its_call(world: World) -> None:
    world.stub.on("GET", PATH, Reply(403, {"detail": "You do not have permission to perform this action."}))
    world.stub.on("GET", "/api/0/", Reply(200, WHOAMI))
    assert type(await world.fail(Forbidden)) is Forbidden
    assert world.asked("/api/0/") == 1
    assert world.guard.refusal is None


async def test_a_403_that_names_its_scope_is_not_even_checked(world: World) -> None:
    world.stub.on("GET", PATH, Reply(403, {"detail": "You are missing the event:read scope."}))
    await world.fail(Forbidden)
    assert world.asked("/api/0/") == 0


async def test_a_403_to_every_call_is_a_refusal_of_the_token(world: World) -> None:
    refused = Reply(403, {"detail": "This integration is disabled"})
    world.stub.on("GET", PATH, refused)
    world.stub.on("GET", "/api/0/", refused)
    assert (await world.fail(TokenRefused)).status == 403
    assert world.reported == [TokenRefusal(403, "This integration is disabled")]


async def test_a_token_that_a_proxy_takes_away_is_refused(world: World) -> None:
    world.stub.on("GET", PATH, Reply(401, {"detail": "Authentication credentials were not provided."}))
    world.stub.on("GET", "/api/0/", Reply(200, {"version": "0", "auth": None, "user": None}))
    assert "does not see the token" in str(await world.fail(TokenRefused))


@pytest.mark.parametrize("status", [503, 500])
async def test_while_sentry_cannot_say_the_failure_is_one_that_passes(world: World, status: int) -> None:
    world.stub.on("GET", PATH, INVALID)
    world.stub.on("GET", "/api/0/", Reply(status, {}))
    error = await world.fail(ServerError)
    assert error.retryable
    assert isinstance(error.__cause__, NotAuthorized)
    assert world.reported == []


async def test_a_probe_ends_a_refusal_and_calls_go_on(world: World) -> None:
    world.stub.on("GET", PATH, INVALID, Reply(200, {"id": "1"}))
    world.stub.on("GET", "/api/0/", INVALID, INVALID, Reply(200, WHOAMI))
    await world.fail(TokenRefused)
    assert await world.guard.probe() == "refused"
    assert await world.guard.probe() == "works"
    assert (await world.connection.send(ISSUE)).status == 200
    assert len(world.reported) == 1


async def test_a_probe_without_an_answer_changes_nothing(world: World) -> None:
    world.guard.refusal = TokenRefusal(401, "Invalid token")
    closed = SentryConnection(
        organization="acme", token=TOKEN, base_url="http://127.0.0.1:9", retries=RetryPolicy(attempts=1)
    )
    async with closed:
        world.guard.inner = closed
        with pytest.raises(SentryUnreachable):
            await world.guard.probe()
    assert world.guard.refusal is not None


async def test_refusals_that_were_known_before_the_call_are_left_alone(world: World) -> None:
    class Refusing:
        async def send(self, call: Call) -> Any:
            raise WrongToken(call, reason="a DSN cannot do this")

    guard = TokenGuard(Refusing(), world.report)
    with pytest.raises(WrongToken):
        await guard.send(ISSUE)
    assert world.reported == []


async def test_without_a_listener_a_401_stays_what_it_was() -> None:
    server = StubSentry()
    async with serving(server) as url:
        server.on("GET", PATH, INVALID)
        async with SentryConnection(organization="acme", token=TOKEN, base_url=url) as connection:
            with pytest.raises(NotAuthorized) as found:
                await connection.send(ISSUE)
        assert type(found.value) is NotAuthorized
        assert len(server.requests) == 1


def test_the_fingerprint_tells_tokens_apart_and_shows_nothing_of_them() -> None:
    one = SentryConnection(organization="acme", token=TOKEN, base_url="http://127.0.0.1:9").fingerprint
    other = SentryConnection(organization="acme", token=f"{TOKEN}1", base_url="http://127.0.0.1:9").fingerprint
    assert one != other
    assert len(one) == 16
    assert one not in TOKEN
