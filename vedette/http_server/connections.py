"""Limits the connections of one server and the memory of their unfinished request heads.

A connection is unproven until a delivery on it has been accepted. When the limit is reached, the oldest unproven
connection is closed, preferably one whose head is incomplete: a real delivery takes milliseconds, so it is never the
oldest while a client keeps connections open without sending one.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

_IN_HEAD_COUNTS = 4.0
"""Factor on the age of a connection whose head is incomplete: a head is one packet, a body takes longer."""
_FREED = 8
"""The fraction 1/n of the memory for heads that is freed when the limit is reached."""


class ClientConnection(Protocol):
    """The interface of a connection that `ClientConnections` uses."""

    peer: str
    """The peer whose share it counts for; empty where only the overall limit applies."""
    head_cost: int
    """The memory of its unfinished head as last accounted, in bytes."""

    def is_idle(self) -> bool:
        """Return whether no request is in progress."""
        ...

    def abort(self) -> None:
        """Close it at once."""
        ...


class ClientConnections:
    """All connections of one server, the oldest first."""

    def __init__(
        self, note: Callable[[str], None], *, limit: int, peer_limit: int, heads_limit: int, head_timeout: float
    ) -> None:
        """Set the limits.

        Args:
            note: Counts and logs the reason for which a connection was closed.
            limit: The largest number of connections.
            peer_limit: The largest number of connections of one peer; above it, its oldest unproven one is closed.
            heads_limit: The memory that unfinished heads may hold together, in bytes.
            head_timeout: Seconds that a head may take.
        """
        self._note = note
        self._limit = limit
        self._peer_limit = peer_limit
        self._heads_limit = heads_limit
        self._head_timeout = head_timeout
        self._now = time.monotonic
        # Three dictionaries in order of arrival, so that the oldest is found without looking at the others.
        self._heads: dict[ClientConnection, float] = {}
        self._unproven: dict[ClientConnection, float] = {}
        self._proven: dict[ClientConnection, float] = {}
        self._of_peers: dict[str, int] = {}
        self.head_bytes = 0
        """Memory of unfinished heads, in bytes."""

    def __len__(self) -> int:
        return len(self._heads) + len(self._unproven) + len(self._proven)

    def register(self, connection: ClientConnection) -> None:
        """Register a new connection, and close another one when a limit is exceeded."""
        self._heads[connection] = self._now()
        peer = connection.peer
        if peer:
            count = self._of_peers[peer] = self._of_peers.get(peer, 0) + 1
            if count > self._peer_limit:
                self._evict(self._find_oldest_of_peer(connection), "peer_evicted")
        if len(self) > self._limit:
            self._evict(self._find_oldest(connection), "connection_evicted")

    def unregister(self, connection: ClientConnection) -> None:
        """Unregister a connection."""
        proven, unproven, heads = self._proven, self._unproven, self._heads
        if not (proven.pop(connection, None) or unproven.pop(connection, None) or heads.pop(connection, None)):
            return
        self.account_head(connection, 0)
        peer = connection.peer
        if peer:
            left = self._of_peers[peer] - 1
            if left:
                self._of_peers[peer] = left
            else:
                del self._of_peers[peer]

    def begin_head(self, connection: ClientConnection) -> None:
        """Record that a further head has begun on a connection and is incomplete."""
        if self._proven.pop(connection, None) or self._unproven.pop(connection, None):
            self._heads[connection] = self._now()

    def end_head(self, connection: ClientConnection) -> None:
        """Record that a head is complete."""
        began = self._heads.pop(connection, None)
        if began is not None:
            self._unproven[connection] = began
            if connection.head_cost:
                self.account_head(connection, 0)

    def begin_body(self, connection: ClientConnection) -> None:
        """Record that a body is incomplete: a proven connection is unproven again until the body's end."""
        if self._proven.pop(connection, None):
            self._unproven[connection] = self._now()

    def mark_proven(self, connection: ClientConnection) -> None:
        """Record that a delivery was accepted, which makes the connection proven."""
        began = self._unproven.pop(connection, None)
        if began is not None:
            self._proven[connection] = began

    def account_head(self, connection: ClientConnection, cost: int) -> None:
        """Account for the memory of an unfinished head; above the limit, close the connections of the largest heads."""
        self.head_bytes += cost - connection.head_cost
        connection.head_cost = cost
        if self.head_bytes > self._heads_limit:
            wanted = self._heads_limit - self._heads_limit // _FREED
            for head in sorted(self._heads, key=lambda head: head.head_cost, reverse=True):
                if self.head_bytes <= wanted:
                    break
                self._evict(head, "heads_full")

    async def close_late_heads(self) -> None:
        """Close connections whose head exceeds its timeout, until cancelled.

        It polls: a timer for each connection would cost more.
        """
        while True:
            await asyncio.sleep(min(1.0, self._head_timeout / 4))
            latest = self._now() - self._head_timeout
            for connection in [connection for connection, began in self._heads.items() if began < latest]:
                self._evict(connection, "head_too_slow")

    def _evict(self, connection: ClientConnection | None, reason: str) -> None:
        if connection is not None:
            self.unregister(connection)
            connection.abort()
            self._note(reason)

    def _find_oldest(self, newest: ClientConnection) -> ClientConnection:
        now = self._now()
        head, since_head = next(iter(self._heads.items()))
        unproven, since = next(iter(self._unproven.items()), (newest, now))
        if head is not newest and (now - since_head) * _IN_HEAD_COUNTS >= now - since:
            return head
        if unproven is not newest:
            return unproven
        return next((connection for connection in self._proven if connection.is_idle()), newest)

    def _find_oldest_of_peer(self, newest: ClientConnection) -> ClientConnection | None:
        """Return the oldest unproven connection of the same peer; None when all its others are proven."""
        for group in (self._heads, self._unproven):
            for connection in group:
                if connection.peer == newest.peer and connection is not newest:
                    return connection
        return None
