"""Group commit on a real server: deliveries that share a call, and pending ones when the server crashes."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from receiver.redis_link.group_commit import GroupCommit, PriorAcceptance, StoreUnavailableError
from receiver.redis_link.reconnecting_connection import ReconnectingConnection
from tests.receiver.deliveries import delivery
from tests.receiver.servers import OwnServer, own_server
from vedette.store.server.scripts import script
from vedette.store.server.server_address import RedisAddress

SOURCE = script("deliveries/accept")


@pytest.fixture
def server(tmp_path: Path) -> Generator[OwnServer]:
    with own_server(tmp_path / "valkey") as made:
        yield made


@asynccontextmanager
async def committing(server: OwnServer) -> AsyncGenerator[GroupCommit]:
    link = ReconnectingConnection(RedisAddress(server.url), script=SOURCE, connect_timeout=5)
    linking = asyncio.create_task(link.run())
    await link.wait_until_up()
    yield GroupCommit(link, script=SOURCE, timeout=30)
    linking.cancel()


async def stored_in_turn(commit: GroupCommit, numbers: range) -> "list[asyncio.Task[PriorAcceptance | None]]":
    """Begin to store deliveries, each in a turn of the loop of its own."""
    begun: list[asyncio.Task[PriorAcceptance | None]] = []
    for number in numbers:
        begun.append(asyncio.create_task(commit.store(delivery(number))))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return begun


def calls(server: OwnServer) -> int:
    with server.client() as client:
        return int(client.info("commandstats")["cmdstat_evalsha"]["calls"])


async def test_what_comes_while_redis_is_at_a_group_shares_the_next_call(server: OwnServer) -> None:
    async with committing(server) as commit:
        server.freeze()
        begun = await stored_in_turn(commit, range(8))
        server.resume()
        assert await asyncio.gather(*begun) == [None] * 8
    assert calls(server) == 2


async def test_a_full_group_waits_for_nothing(server: OwnServer) -> None:
    async with committing(server) as commit:
        server.freeze()
        begun = await stored_in_turn(commit, range(1 + 16 + 16 + 7))
        server.resume()
        assert await asyncio.gather(*begun) == [None] * 40
    assert calls(server) == 4


async def test_one_at_a_time_nobody_waits_for_another(server: OwnServer) -> None:
    async with committing(server) as commit:
        for number in range(3):
            assert await commit.store(delivery(number)) is None
    assert calls(server) == 3


async def test_those_that_wait_hear_of_it_when_the_server_dies(server: OwnServer) -> None:
    async with committing(server) as commit:
        server.freeze()
        begun = await stored_in_turn(commit, range(20))
        server.kill()
        answers = await asyncio.gather(*begun, return_exceptions=True)
        assert [type(answer) for answer in answers] == [StoreUnavailableError] * 20
        server.start()
        assert await stored_again(commit, 20) is None


async def stored_again(commit: GroupCommit, number: int) -> PriorAcceptance | None:
    while True:
        try:
            return await commit.store(delivery(number))
        except StoreUnavailableError:
            await asyncio.sleep(0.02)
