"""Where the server is that holds Vedette's keys, when a Sentinel or a Cluster decides that.

All keys carry one hash tag, so they live in one slot of a Cluster, on one node. Behind Sentinel it is one server as
well. So either way there is one address to find: it is asked for on each new connection, and a connection that learns
that it is at the wrong place is closed. What is asked and understood is here; sending is for those who have a socket.
"""

from collections.abc import Generator
from typing import Any

from redis.crc import key_slot
from redis.exceptions import ConnectionError as LostConnectionError

from vedette._core.json_values import json_list
from vedette.store.server.keys import PREFIX
from vedette.store.server.url import Address, RedisUrl

ASKING_TIMEOUT = 1.0
"""Seconds for which one sentinel or node is asked; then it is the next one's turn."""
SLOT = key_slot(PREFIX.encode())

Inquiry = Generator[Address, object, Address]


class ServerNotFoundError(LostConnectionError):
    """Nobody who was asked could say where the server is."""


class ServerDiscovery:
    """Those who know where the server is, and what they said last; threads may share one."""

    def __init__(self, url: RedisUrl) -> None:
        self.url = url
        self._given = url.addresses
        self._learnt: tuple[Address, ...] = ()
        self._doubted: tuple[Address, ...] = ()
        self._said_by: Address | None = None
        self.current: Address | None = None
        """Where the server is, as far as is known."""

    @property
    def is_fixed(self) -> bool:
        """Whether the URL itself says where the server is."""
        return self.url.kind == "server"

    @property
    def question(self) -> tuple[str, ...]:
        """The command that asks."""
        if self.url.kind == "sentinel":
            return ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.url.service)
        return ("CLUSTER", "SLOTS")

    def inquire(self) -> Inquiry:
        """Go through those who may know: yields whom to ask, takes the answer or the error, returns the address.

        Raises:
            ServerNotFoundError: When nobody knows.
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
        raise ServerNotFoundError(f"no {self._kind()} says where the server is ({'; '.join(problems)})")

    def was_wrong(self) -> None:
        """Note that there was no server where it was said to be, so that another is asked first."""
        if self._said_by is not None:
            self._doubt(self._said_by)

    def _in_order(self) -> list[Address]:
        # Nodes come and go: those seen last are asked before those that were given at the start.
        everybody = dict.fromkeys((*self._learnt, *self._given))
        doubted = [one for one in self._doubted if one in everybody]
        return [one for one in everybody if one not in doubted] + doubted

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
        return f"nobody has slot {SLOT}"


def _address(pair: list[Any], asked: Address) -> Address:
    # A node that does not know its own address leaves it empty: it is the one that was asked.
    host = pair[0].decode() if isinstance(pair[0], bytes) else ""
    return Address(host if host not in {"", "?"} else asked.host, int(pair[1]))
