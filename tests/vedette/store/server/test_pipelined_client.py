"""The connection that all commands of a process share, at a real server and at sockets that misbehave."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as SlowServerError

from vedette.store.server.failover import client_in_loop
from vedette.store.server.server_check import open_redis

KEY = "{vedette}:one"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def opened(url: str, patience: float = 60) -> AsyncGenerator[Any]:
    client = client_in_loop(url, patience)
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def serving(serve: Serve) -> AsyncGenerator[str]:
    """Serve a socket that stands for a server that misbehaves, and give its URL."""
    ends: list[asyncio.Future[None]] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = asyncio.get_running_loop().create_future()
        ends.append(end)
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            end.set_result(None)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*ends)
        # The transports end in the next iteration.
        await asyncio.sleep(0)


async def test_commands_of_one_turn_share_one_connection_and_one_write(redis_url: str) -> None:
    async with opened(redis_url) as observer, opened(redis_url) as client:
        await client.ping()
        before = await observer.info("stats")
        assert await asyncio.gather(*(client.incr(KEY) for _ in range(200))) == list(range(1, 201))
        after = await observer.info("stats")
    assert after["total_connections_received"] == before["total_connections_received"]
    # One read of the commands, and one of the observer's own; a read event takes 16 KB at most.
    assert after["total_reads_processed"] - before["total_reads_processed"] <= 3


async def test_the_first_commands_wait_for_one_connection(redis_url: str) -> None:
    async with opened(redis_url) as observer, opened(redis_url) as client:
        before = await observer.info("stats")
        await asyncio.gather(*(client.ping() for _ in range(50)))
        after = await observer.info("stats")
    assert after["total_connections_received"] == before["total_connections_received"] + 1


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.binary(max_size=200), st.sampled_from(["wait", "cancel", "refuse"])), max_size=30))
def test_each_command_gets_its_own_reply(redis_url: str, steps: list[tuple[bytes, str]]) -> None:
    async def run() -> None:
        async with opened(redis_url) as client:

            async def send(payload: bytes, kind: str) -> None:
                if kind == "refuse":
                    with pytest.raises(ResponseError):
                        await client.execute_command("NO-SUCH-COMMAND", payload)
                else:
                    assert await client.echo(payload) == payload

            tasks = [asyncio.create_task(send(*step)) for step in steps]
            await asyncio.sleep(0)
            for task, (_, kind) in zip(tasks, steps, strict=True):
                if kind == "cancel":
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for task, (_, kind) in zip(tasks, steps, strict=True):
                assert kind == "cancel" or task.exception() is None

    asyncio.run(run())


async def test_a_command_that_blocks_holds_up_no_other(redis_url: str) -> None:
    async with opened(redis_url) as client:
        blocked = asyncio.create_task(client.blmove(KEY, KEY, 30))
        reading = asyncio.create_task(client.xread({"{vedette}:stream": "$"}, block=30_000))
        await asyncio.sleep(0)
        for _ in range(20):
            await client.ping()
        assert not blocked.done()
        assert not reading.done()
        await client.rpush(KEY, "x")
        assert await blocked == b"x"
        reading.cancel()
        await asyncio.wait([reading])


async def test_a_script_that_the_server_has_forgotten_is_sent_again(redis_url: str) -> None:
    async with opened(redis_url) as client:
        script = client.register_script("return {KEYS[1], ARGV[1]}")
        assert await script(keys=[KEY], args=[1]) == [KEY.encode(), b"1"]
        await client.script_flush()
        assert await asyncio.gather(*(script(keys=[KEY], args=[n]) for n in (2, 3))) == [
            [KEY.encode(), b"2"],
            [KEY.encode(), b"3"],
        ]


async def test_a_batch_returns_errors_as_values_or_raises_the_first(redis_url: str) -> None:
    async with opened(redis_url) as client:
        await client.set(KEY, "x")
        for raises in (False, True):
            batch = client.pipeline(transaction=False)
            batch.hget(KEY, "field")
            batch.get(KEY)
            if raises:
                with pytest.raises(ResponseError, match="wrong kind"):
                    await batch.execute()
            else:
                refused, value = await batch.execute(raise_on_error=False)
                assert isinstance(refused, RedisError)
                assert value == b"x"


async def test_what_is_pending_fails_with_the_connection_and_the_next_command_opens_another() -> None:
    taken: list[bytes] = []

    async def hang_up_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(await reader.read(1000))
        if len(taken) > 1:
            writer.write(b"+PONG\r\n")
            await writer.drain()

    async with serving(hang_up_once) as url, opened(url) as client:
        results = await asyncio.gather(*(client.ping() for _ in range(3)), return_exceptions=True)
        assert [type(result) for result in results] == [LostConnectionError] * 3
        assert await client.ping()
    # Nothing was sent again on its own.
    assert [data.count(b"PING") for data in taken] == [3, 1]


async def test_a_silent_server_ends_the_connection_and_all_that_wait_for_it() -> None:
    answers = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            if answers.is_set():
                writer.write(b"+PONG\r\n")

    async with serving(serve) as url, opened(url, patience=0.2) as client:
        results = await asyncio.gather(*(client.ping() for _ in range(3)), return_exceptions=True)
        assert [type(result) for result in results] == [SlowServerError] * 3
        answers.set()
        assert await client.ping()


async def test_a_reply_that_came_in_time_counts_although_this_process_was_late(redis_url: str) -> None:
    async with opened(redis_url, patience=0.3) as client:
        await client.ping()
        waiting = asyncio.create_task(client.ping())
        # The command is written, and the reply arrives while nothing reads it.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        time.sleep(0.6)  # noqa: ASYNC251 - a handler that blocks the loop
        assert await waiting


async def test_a_server_that_speaks_another_protocol_is_left() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(serve) as url, opened(url) as client:
        with pytest.raises(LostConnectionError, match="protocol"):
            await client.ping()


async def test_a_server_that_is_not_there_is_reported_to_each_that_waits() -> None:
    async with opened("redis://127.0.0.1:1") as client:
        results = await asyncio.gather(*(client.ping() for _ in range(3)), return_exceptions=True)
        assert [type(result) for result in results] == [LostConnectionError] * 3


def test_a_client_works_in_a_later_loop(redis_url: str) -> None:
    client: Any = open_redis(redis_url)

    async def count() -> int:
        try:
            return await client.incr(KEY)
        finally:
            await client.aclose()

    assert [asyncio.run(count()), asyncio.run(count())] == [1, 2]
