"""Which connection goes when there is no room for another."""

import asyncio
import gc
import weakref
from contextlib import suppress

import pytest

from tests.receiver.running import MakeSettings, Running, running, until
from tests.receiver.sentry import issue_body, raw_request
from vedette.http_server.connections import ClientConnections
from vedette.http_server.http_protocol import BoundedHttpProtocol

LIMIT = 20
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Fake:
    """A connection that knows only what the bounds ask."""

    def __init__(self, peer: str = "", *, idle: bool = True) -> None:
        self.peer = peer
        self.head_cost = 0
        self.was_cut = False
        self._idle = idle

    def is_idle(self) -> bool:
        return self._idle

    def abort(self) -> None:
        self.was_cut = True


def make(noted: list[str], limit: int = 4, peer_limit: int = 4, heads_limit: int = 1000) -> ClientConnections:
    return ClientConnections(noted.append, limit=limit, peer_limit=peer_limit, heads_limit=heads_limit, head_timeout=10)


def test_the_oldest_that_is_in_its_head_goes_first() -> None:
    noted: list[str] = []
    connections = make(noted)
    fakes = [Fake() for _ in range(5)]
    for fake in fakes[:4]:
        connections.register(fake)
    connections.end_head(fakes[0])
    connections.mark_proven(fakes[0])
    connections.register(fakes[4])
    assert [fake.was_cut for fake in fakes] == [False, True, False, False, False]
    assert (noted, len(connections)) == (["connection_evicted"], 4)


def test_then_the_oldest_stranger_and_then_an_idle_one_and_never_a_delivery_under_way() -> None:
    noted: list[str] = []
    connections = make(noted, limit=3)
    under_way, idle, stranger, first, second, third = Fake(idle=False), Fake(), Fake(), Fake(), Fake(), Fake()
    for fake in (under_way, idle, stranger):
        connections.register(fake)
        connections.end_head(fake)
    connections.mark_proven(under_way)
    connections.mark_proven(idle)
    for newcomer, gone in ((first, stranger), (second, idle), (third, third)):
        connections.register(newcomer)
        assert gone.was_cut
        connections.end_head(newcomer)
        connections.mark_proven(newcomer)
        newcomer.is_idle = lambda: False  # type: ignore[method-assign]
    assert not under_way.was_cut
    assert noted == ["connection_evicted"] * 3


def test_a_known_sender_that_does_not_finish_its_next_request_is_a_stranger_again() -> None:
    connections = make([], limit=2)
    slow, other, newcomer = Fake(idle=False), Fake(idle=False), Fake()
    for fake in (slow, other):
        connections.register(fake)
        connections.end_head(fake)
        connections.mark_proven(fake)
    connections.begin_body(slow)
    connections.register(newcomer)
    assert (slow.was_cut, other.was_cut) == (True, False)
    connections.end_head(newcomer)
    connections.mark_proven(newcomer)
    connections.begin_head(other)
    connections.register(Fake())
    assert other.was_cut


def test_a_peer_with_more_than_its_share_makes_room_for_itself() -> None:
    noted: list[str] = []
    connections = make(noted, limit=100, peer_limit=3)
    other, greedy = Fake("198.51.100.1"), [Fake("203.0.113.7") for _ in range(5)]
    proxied = [Fake() for _ in range(5)]
    for fake in (other, *proxied, *greedy):
        connections.register(fake)
    assert [fake.was_cut for fake in greedy] == [True, True, False, False, False]
    assert not any(fake.was_cut for fake in (other, *proxied))
    assert noted == ["peer_evicted"] * 2
    for fake in greedy:
        connections.unregister(fake)
        connections.unregister(fake)
    assert len(connections) == 6


def test_unfinished_heads_together_are_bounded_and_the_largest_go() -> None:
    noted: list[str] = []
    connections = make(noted, limit=100, heads_limit=1000)
    small, large = [Fake() for _ in range(5)], [Fake() for _ in range(4)]
    for fake in (*small, *large):
        connections.register(fake)
        connections.account_head(fake, 50 if fake in small else 240)
    assert connections.head_bytes <= 1000
    assert any(fake.was_cut for fake in large)
    assert not any(fake.was_cut for fake in small)
    for fake in (*small, *large):
        connections.end_head(fake)
    assert connections.head_bytes == 0


async def slow_heads(receiver: Running, count: int) -> list[Streams]:
    opened = [await asyncio.open_connection("127.0.0.1", receiver.port) for _ in range(count)]
    for _, writer in opened:
        writer.write(b"POST /hooks HTTP/1.1\r\nHost: a\r\n")
    return opened


async def test_a_door_full_of_slow_heads_still_takes_deliveries(make_settings: MakeSettings) -> None:
    async with running(make_settings(connections_limit=LIMIT)) as receiver:
        opened = await slow_heads(receiver, 2 * LIMIT)
        for number in range(10):
            assert (await receiver.hook(issue_body(number))).status_code == 202
        figures = await receiver.figures()
        assert figures["vedette_connections"] <= LIMIT
        assert figures['vedette_deliveries_refused_total{reason="connection_evicted"}'] >= LIMIT
        # The oldest went, and knows it.
        with suppress(ConnectionResetError):
            assert await opened[0][0].read() == b""
        for _, writer in opened:
            writer.close()

        async def gone() -> bool:
            return (await receiver.figures())["vedette_connections"] == 1

        await until(gone)


@pytest.mark.parametrize("sent", [b"", b"POST /hooks HTTP/1.1\r\nHost: a\r\n", raw_request(b"x" * 300_000, {})[:-1]])
async def test_a_connection_that_ends_leaves_nothing_behind(receiver: Running, sent: bytes) -> None:
    made: list[weakref.ref[BoundedHttpProtocol]] = []
    begin = BoundedHttpProtocol.connection_made

    def begin_and_note(protocol: BoundedHttpProtocol, transport: asyncio.Transport) -> None:
        made.append(weakref.ref(protocol))
        begin(protocol, transport)

    BoundedHttpProtocol.connection_made = begin_and_note  # type: ignore[method-assign]
    gc.disable()
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        writer.write(sent)
        await asyncio.sleep(0.1)
        writer.transport.abort()

        async def gone() -> bool:
            return made[0]() is None

        await until(gone)
    finally:
        gc.enable()
        BoundedHttpProtocol.connection_made = begin  # type: ignore[method-assign]
