"""New connections are taken several at a time, on the loop that the receiver runs on."""

import asyncio
import socket
from contextlib import ExitStack

import uvloop

from receiver.listening import listen_again

CONNECTIONS = 40
ENOUGH = CONNECTIONS // 2


class Counting(asyncio.Protocol):
    made: int = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        Counting.made += 1
        transport.close()


async def turns_until_all_are_taken(*, again: bool) -> int:
    Counting.made = 0
    server = await asyncio.get_running_loop().create_server(Counting, "127.0.0.1", 0)
    servers = [server, *(await listen_again([server], Counting, backlog=100) if again else [])]
    with ExitStack() as opened:
        for _ in range(CONNECTIONS):
            # The system takes them without the loop's help, which finds them all waiting.
            opened.enter_context(socket.create_connection(server.sockets[0].getsockname()))
        turns = 0
        while Counting.made < CONNECTIONS and turns < 10 * CONNECTIONS:
            await asyncio.sleep(0)
            turns += 1
    for one in servers:
        one.close()
        await one.wait_closed()
    return turns


def test_connections_that_wait_are_taken_several_in_each_turn() -> None:
    assert uvloop.run(turns_until_all_are_taken(again=True)) <= ENOUGH


def test_the_loop_by_itself_takes_one_in_each_turn() -> None:
    # If this fails, uvloop has learnt to take more, and receiver/listening.py can go.
    assert uvloop.run(turns_until_all_are_taken(again=False)) > ENOUGH
