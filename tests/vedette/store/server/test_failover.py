"""Clients of real servers that others name; the library's private parts are used for real."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import RedisError

from tests.topologies import cluster, eventually, watched
from vedette.store.server.discovery import SLOT, ServerDiscovery, ServerNotFoundError
from vedette.store.server.failover import client_in_thread
from vedette.store.server.retrying import outlast_in_thread, retry_until_available
from vedette.store.server.server_check import open_redis
from vedette.store.server.url import Address, read_redis_url

COUNT = "return redis.call('INCR', KEYS[1])"
KEY = "{vedette}:count"


async def test_clients_follow_the_slot_of_our_keys_through_a_cluster(tmp_path: Path) -> None:
    with cluster(tmp_path) as nodes:
        waits, awaits = client_in_thread(nodes.url, 5), open_redis(nodes.url)
        in_thread, in_loop = waits.register_script(COUNT), awaits.register_script(COUNT)
        assert (in_thread(keys=[KEY]), await in_loop(keys=[KEY])) == (1, 2)
        assert nodes.owner.client.cluster("COUNTKEYSINSLOT", SLOT) == 1
        nodes.move_slot()
        # No command fails for the move, though each connection learns of it by being refused.
        assert (in_thread(keys=[KEY]), await in_loop(keys=[KEY])) == (3, 4)
        assert waits.blmove(KEY + "s", KEY + "s", 0.01) is None
        # The node that the URL names may leave; the others were seen.
        nodes.move_slot()
        nodes.other.kill()
        waits.connection_pool.disconnect()
        assert in_thread(keys=[KEY]) == 5
        waits.close()
        await awaits.aclose()


async def test_clients_follow_the_master_that_the_sentinels_name(tmp_path: Path) -> None:
    with watched(tmp_path) as servers:
        waits, awaits = client_in_thread(servers.url, 5), open_redis(servers.url)
        in_thread, in_loop = waits.register_script(COUNT), awaits.register_script(COUNT)
        assert (in_thread(keys=[KEY]), await in_loop(keys=[KEY])) == (1, 2)
        eventually(lambda: servers.replica.client.get(KEY) == b"2")
        servers.master.kill()
        # Whoever outlasts an outage outlasts this one, too.
        assert await asyncio.to_thread(outlast_in_thread, lambda: in_thread(keys=[KEY])) == 3
        assert await retry_until_available(lambda: in_loop(keys=[KEY])) == 4
        assert servers.replica.client.get(KEY) == b"4"
        waits.close()
        await awaits.aclose()


async def test_a_server_that_begins_to_refuse_writes_is_left_for_the_one_that_takes_them(tmp_path: Path) -> None:
    with watched(tmp_path) as servers:
        waits, awaits = client_in_thread(servers.url, 5), open_redis(servers.url)
        assert waits.set(KEY, 1)
        assert await awaits.set(KEY, 2)
        servers.change_places()
        # Neither connection has broken, and neither command fails.
        assert waits.set(KEY, 3)
        assert await awaits.set(KEY, 4)
        assert servers.replica.client.get(KEY) == b"4"
        waits.close()
        await awaits.aclose()


def test_what_nobody_knows_is_said_with_who_was_asked() -> None:
    where = ServerDiscovery(read_redis_url("redis+sentinel://:hunter2@a,b/hooks"))
    inquiry = where.inquire()
    assert next(inquiry) == Address("a", 26379)
    assert inquiry.send(ConnectionRefusedError("refused")) == Address("b", 26379)
    with pytest.raises(ServerNotFoundError, match="a:26379: refused; b:26379: it knows no service hooks") as raised:
        inquiry.send(None)
    assert "hunter2" not in str(raised.value)


def test_who_was_wrong_or_silent_is_asked_last() -> None:
    where = ServerDiscovery(read_redis_url("redis+sentinel://a,b,c/hooks"))
    assert _ask(where, {"b": [b"m", b"1"]}) == ("m", 1)
    where.invalidate()
    assert next(where.inquire()).host == "c"


@pytest.mark.parametrize("host", [b"", b"?", None])
def test_a_node_that_does_not_know_its_own_address_is_the_one_that_was_asked(host: bytes | None) -> None:
    where = ServerDiscovery(read_redis_url("redis+cluster://a,b"))
    slots: Any = [[0, SLOT - 1, [b"x", 1, b"id"]], [SLOT, SLOT, [host, 7, b"id"], [b"y", 8, b"id"]]]
    assert _ask(where, {"a": slots}) == ("a", 7)
    assert next(where.inquire()) == ("x", 1)


def test_a_cluster_in_which_nobody_has_the_slot_is_said_so() -> None:
    where = ServerDiscovery(read_redis_url("redis+cluster://a"))
    with pytest.raises(RedisError, match=f"a:6379: no node has slot {SLOT}"):
        _ask(where, {"a": [[0, 1, [b"x", 1, b"id"]]]})


def _ask(where: ServerDiscovery, answers: dict[str, Any]) -> Address:
    inquiry = where.inquire()
    asked = next(inquiry)
    try:
        while True:
            asked = inquiry.send(answers.get(asked.host, ConnectionRefusedError("refused")))
    except StopIteration as end:
        return end.value


async def test_a_task_that_sends_commands_ends_when_it_is_cancelled(redis_url: str) -> None:
    client = open_redis(redis_url)
    tasks: list[asyncio.Task[None]] = []

    async def ping_for_ever() -> None:
        while True:
            await client.ping()

    try:
        for turn in range(600):
            tasks.append(asyncio.create_task(ping_for_ever()))
            await asyncio.sleep(0.00003 * (turn % 30))
            tasks[-1].cancel()
            done, _ = await asyncio.wait(tasks[-1:], timeout=2)
            assert done, f"the cancellation of turn {turn} was lost"
    finally:
        tasks[-1].cancel()
        await client.aclose()
