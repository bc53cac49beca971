"""Discovers the current server through Redis Sentinel or `CLUSTER SLOTS`, and caches its address.

All keys carry one hash tag, so they are in one slot of a Cluster, on one node; behind Sentinel there is one master. So
there is one address to find. It is requested for each new connection, and a connection to another server is closed.
"""

from collections.abc import Generator
from typing import Any

import redis.asyncio.connection as asynchronous
import redis.connection as synchronous
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import ConnectionError as LostConnectionError
from redis.retry import Retry as SyncRetry

from vedette._core.json_values import json_list
from vedette.store.server.keys import PREFIX
from vedette.store.server.retrying import REDIS_ERRORS
from vedette.store.server.url import Address, RedisUrl

ASKING_TIMEOUT = 1.0
"""Timeout of one request to a sentinel or node, in seconds; after it the next one is asked."""
SLOT = key_slot(PREFIX.encode())

Inquiry = Generator[Address, object, Address]


class ServerNotFoundError(LostConnectionError):
    """No sentinel or node knows the address of the server."""


class ServerDiscovery:
    """The sentinels or nodes that know the server, and its address as they gave it last; threads may share one."""

    def __init__(self, url: RedisUrl) -> None:
        self.url = url
        self._given = url.addresses
        self._learnt: tuple[Address, ...] = ()
        self._doubted: tuple[Address, ...] = ()
        self._said_by: Address | None = None
        self.current: Address | None = None
        """The address of the server; None until it is discovered."""

    @property
    def is_fixed(self) -> bool:
        """Return whether the URL itself has the address of the server."""
        return self.url.kind == "server"

    @property
    def question(self) -> tuple[str, ...]:
        """The command that asks for the address."""
        if self.url.kind == "sentinel":
            return ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.url.service)
        return ("CLUSTER", "SLOTS")

    def inquire(self) -> Inquiry:
        """Yield the addresses to ask, take the response or the error of each, and return the server's address.

        Raises:
            ServerNotFoundError: None of them knows it.
        """
        problems: list[str] = []
        for asked in self._in_order():
            answer = yield asked
            problem = str(answer) if isinstance(answer, Exception) else ""
            found = None if problem else self._understand(asked, answer)
            if found is not None:
                self._said_by = asked
                self.current = found
                return found
            self._doubt(asked)
            problems.append(f"{asked}: {problem or self._nothing()}")
        raise ServerNotFoundError(f"no {self._kind()} knows the address of the server ({'; '.join(problems)})")

    def invalidate(self) -> None:
        """Note that the address was wrong, so that another sentinel or node is asked first."""
        if self._said_by is not None:
            self._doubt(self._said_by)

    def _in_order(self) -> list[Address]:
        # Nodes come and go: the latest known ones are asked before those of the URL.
        candidates = dict.fromkeys((*self._learnt, *self._given))
        doubted = [one for one in self._doubted if one in candidates]
        return [one for one in candidates if one not in doubted] + doubted

    def _doubt(self, address: Address) -> None:
        self._doubted = (*(one for one in self._doubted if one != address), address)[-len(self._in_order()) :]

    def _understand(self, asked: Address, answer: Any) -> Address | None:
        if self.url.kind == "sentinel":
            return None if not answer else _address(answer, asked)
        return self._owner(asked, answer)

    def _owner(self, asked: Address, answer: Any) -> Address | None:
        owner: Address | None = None
        nodes: list[Address] = []
        for first, last, *members in json_list(answer):
            known = [_address(member, asked) for member in members]
            nodes += known
            if first <= SLOT <= last:
                owner = known[0]
        if owner is not None:
            self._learnt = tuple(dict.fromkeys(nodes))
        return owner

    def _kind(self) -> str:
        return "sentinel" if self.url.kind == "sentinel" else "node of the cluster"

    def _nothing(self) -> str:
        if self.url.kind == "sentinel":
            return f"it knows no service {self.url.service}"
        return f"no node has slot {SLOT}"


def discover_in_thread(discovery: ServerDiscovery) -> Address:
    """Return the address of the server, asking one sentinel or node after another; for threads.

    Raises:
        ServerNotFoundError: None of them knows it.
    """
    inquiry = discovery.inquire()
    try:
        asked = next(inquiry)
        while True:
            asked = inquiry.send(_ask_in_thread(discovery, asked))
    except StopIteration as end:
        return end.value


async def discover(discovery: ServerDiscovery) -> Address:
    """Return the address of the server, as `discover_in_thread` does; for an event loop."""
    inquiry = discovery.inquire()
    try:
        asked = next(inquiry)
        while True:
            asked = inquiry.send(await _ask(discovery, asked))
    except StopIteration as end:
        return end.value


def _ask_in_thread(discovery: ServerDiscovery, address: Address) -> object:
    kind = synchronous.SSLConnection if discovery.url.tls else synchronous.Connection
    connection = kind(retry=SyncRetry(NoBackoff(), 0), **_connection_options(discovery, address))
    try:
        connection.connect()
        connection.send_command(*discovery.question)
        return connection.read_response()
    except REDIS_ERRORS as error:
        return error
    finally:
        connection.disconnect()


async def _ask(discovery: ServerDiscovery, address: Address) -> object:
    kind = asynchronous.SSLConnection if discovery.url.tls else asynchronous.Connection
    connection = kind(retry=AsyncRetry(NoBackoff(), 0), **_connection_options(discovery, address))
    try:
        await connection.connect()
        await connection.send_command(*discovery.question)
        return await connection.read_response()
    except REDIS_ERRORS as error:
        return error
    finally:
        await connection.disconnect(nowait=True)


def _connection_options(discovery: ServerDiscovery, address: Address) -> dict[str, Any]:
    return {
        **discovery.url.asking,
        "host": address.host,
        "port": address.port,
        "socket_timeout": ASKING_TIMEOUT,
        "socket_connect_timeout": ASKING_TIMEOUT,
        "protocol": 2,
    }


def _address(pair: list[Any], asked: Address) -> Address:
    # A node that does not know its own address leaves it empty: it is the node that was asked.
    host = pair[0].decode() if isinstance(pair[0], bytes) else ""
    return Address(host if host not in {"", "?"} else asked.host, int(pair[1]))
