"""Bounds the connections of one receiver and the memory of their unfinished heads.

A sender is a stranger until a delivery of its has been accepted. When there is no room for a new connection, the oldest
stranger goes, first of all one that is still in its head: a real delivery needs milliseconds, so it is never the
oldest while anybody keeps a connection open for nothing.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

_IN_HEAD_COUNTS = 4.0
"""How many times older a connection counts while it is in its head: a head is one packet, a body may take its time."""
_FREED = 8
"""One part in so many of the memory for heads is freed at once when the bound is reached."""


class ClientConnection(Protocol):
    """What the bounds need of a connection."""

    peer: str
    """Whose share it counts for; empty where only the bound over all counts."""
    head_cost: int
    """The memory of its unfinished head as it is counted now, in bytes."""

    def is_idle(self) -> bool:
        """Return whether nothing is under way on it."""
        ...

    def cut(self) -> None:
        """End it at once."""
        ...


class ClientConnections:
    """All connections of one receiver, the oldest first."""

    def __init__(
        self, note: Callable[[str], None], *, limit: int, peer_limit: int, heads_limit: int, head_timeout: float
    ) -> None:
        """Set the bounds.

        Args:
            note: Counts and logs why a connection was ended.
            limit: How many connections there are at most.
            peer_limit: How many one peer has at most before its own oldest strangers go.
            heads_limit: How many bytes unfinished heads hold at most.
            head_timeout: How long a head may take, in seconds.
        """
        self._note = note
        self._limit = limit
        self._peer_limit = peer_limit
        self._heads_limit = heads_limit
        self._head_timeout = head_timeout
        self._now = time.monotonic
        # Three dictionaries in order of arrival, so that the oldest is found without looking at the others.
        self._heads: dict[ClientConnection, float] = {}
        self._strangers: dict[ClientConnection, float] = {}
        self._proven: dict[ClientConnection, float] = {}
        self._of_peers: dict[str, int] = {}
        self.head_bytes = 0
        """Memory of unfinished heads, in bytes."""

    def __len__(self) -> int:
        return len(self._heads) + len(self._strangers) + len(self._proven)

    def opened(self, connection: ClientConnection) -> None:
        """Take a new connection; where there is no room, another one goes."""
        self._heads[connection] = self._now()
        peer = connection.peer
        if peer:
            count = self._of_peers[peer] = self._of_peers.get(peer, 0) + 1
            if count > self._peer_limit:
                self._evict(self._oldest_of_peer(connection), "peer_evicted")
        if len(self) > self._limit:
            self._evict(self._oldest(connection), "connection_evicted")

    def closed(self, connection: ClientConnection) -> None:
        """Forget a connection."""
        proven, strangers, heads = self._proven, self._strangers, self._heads
        if not (proven.pop(connection, None) or strangers.pop(connection, None) or heads.pop(connection, None)):
            return
        self.hold_head(connection, 0)
        peer = connection.peer
        if peer:
            left = self._of_peers[peer] - 1
            if left:
                self._of_peers[peer] = left
            else:
                del self._of_peers[peer]

    def in_head(self, connection: ClientConnection) -> None:
        """Note that a further head has begun on a connection and is not complete."""
        if self._proven.pop(connection, None) or self._strangers.pop(connection, None):
            self._heads[connection] = self._now()

    def past_head(self, connection: ClientConnection) -> None:
        """Note that a head is complete."""
        began = self._heads.pop(connection, None)
        if began is not None:
            self._strangers[connection] = began
            if connection.head_cost:
                self.hold_head(connection, 0)

    def in_body(self, connection: ClientConnection) -> None:
        """Note that a body is not complete: whoever was known is a stranger again until its end."""
        if self._proven.pop(connection, None):
            self._strangers[connection] = self._now()

    def proved(self, connection: ClientConnection) -> None:
        """Note that a delivery was accepted."""
        began = self._strangers.pop(connection, None)
        if began is not None:
            self._proven[connection] = began

    def hold_head(self, connection: ClientConnection, cost: int) -> None:
        """Count the memory of an unfinished head; when all together hold too much, the largest heads go."""
        self.head_bytes += cost - connection.head_cost
        connection.head_cost = cost
        if self.head_bytes > self._heads_limit:
            wanted = self._heads_limit - self._heads_limit // _FREED
            for head in sorted(self._heads, key=lambda head: head.head_cost, reverse=True):
                if self.head_bytes <= wanted:
                    break
                self._evict(head, "heads_full")

    async def end_late_heads(self) -> None:
        """End connections whose head takes too long; ends only when it is cancelled.

        One look at the oldest now and then: a timer for each connection would cost more.
        """
        while True:
            await asyncio.sleep(min(1.0, self._head_timeout / 4))
            latest = self._now() - self._head_timeout
            for connection in [connection for connection, began in self._heads.items() if began < latest]:
                self._evict(connection, "head_too_slow")

    def _evict(self, connection: ClientConnection | None, reason: str) -> None:
        if connection is not None:
            self.closed(connection)
            connection.cut()
            self._note(reason)

    def _oldest(self, newest: ClientConnection) -> ClientConnection:
        now = self._now()
        head, since_head = next(iter(self._heads.items()))
        stranger, since = next(iter(self._strangers.items()), (newest, now))
        if head is not newest and (now - since_head) * _IN_HEAD_COUNTS >= now - since:
            return head
        if stranger is not newest:
            return stranger
        return next((connection for connection in self._proven if connection.is_idle()), newest)

    def _oldest_of_peer(self, newest: ClientConnection) -> ClientConnection | None:
        """Return the oldest stranger of the same peer; None when all others of it are proven."""
        for group in (self._heads, self._strangers):
            for connection in group:
                if connection.peer == newest.peer and connection is not newest:
                    return connection
        return None
