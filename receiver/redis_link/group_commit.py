"""Group commit: deliveries that wait together share one script call and one answer.

A group leaves when the turn of the loop ends in which it was begun; while Redis has not answered the one before, when
it does, or when the group is full. So a lone delivery waits for nobody, and under load a round trip is shared by as
many as came meanwhile.
"""

import asyncio
import hashlib
from typing import Any

import msgspec

from receiver.ingest.record import IncomingDelivery
from receiver.redis_link.connection import ConnectionLostError, RedisRefusedError, encode_bulk_strings
from receiver.redis_link.reconnecting import ReconnectingConnection
from receiver.redis_link.response_timeout import PendingResponse, ResponseTimeout
from vedette.store.deliveries.stored_record import encode_facts
from vedette.store.queues.queue_messages import FAN_OUT_QUEUE
from vedette.store.server.keys import (
    DELIVERIES,
    DELIVERY_PREFIX,
    JOURNAL,
    JOURNAL_LENGTH,
    SEEN_PREFIX,
    STORED,
    messages_key,
    queue_key,
)

_LARGEST_GROUP = 16
"""So many leave without waiting for the turn's end, so that Redis works on them while we work on the rest."""
_LARGEST_GROUP_BYTES = 128 * 1024
"""What a socket takes in one go (Linux's default is 208 KB): the rest would wait for a later turn of the loop."""

_KEYS = (DELIVERIES, JOURNAL, STORED, queue_key(FAN_OUT_QUEUE), messages_key(FAN_OUT_QUEUE))
_FIXED = (DELIVERY_PREFIX, SEEN_PREFIX, str(JOURNAL_LENGTH))
_COMMON = encode_bulk_strings([str(len(_KEYS)).encode(), *(text.encode() for text in (*_KEYS, *_FIXED))])
_NEW, _MAYBE_STORED = encode_bulk_strings([b""]), encode_bulk_strings([b"1"])
_WIDTH = 2
_END = b"\r\n"
_AGAIN = b"="


class StoreUnavailableError(Exception):
    """Redis did not say that it stored the delivery; whether it did is unknown."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Redis did not store the delivery: {reason}")


class PriorAcceptance(msgspec.Struct, frozen=True, gc=False):
    """A delivery that came before and is the same, or at least has the same body."""

    id: str
    is_duplicate: bool
    """Whether the later one repeats it and was not stored."""


def _earlier(answer: bytes) -> PriorAcceptance | None:
    if not answer:
        return None
    if answer.startswith(_AGAIN):
        return PriorAcceptance(answer[1:].decode(), is_duplicate=False)
    return PriorAcceptance(answer.decode(), is_duplicate=True)


class _Group:
    """Deliveries on their way in one call."""

    def __init__(self, answer: "asyncio.Future[list[bytes]]") -> None:
        self.answer = answer
        self.has_left = False
        self.parts: list[bytes] = []
        self.size = 0
        self.count = 0

    def add(self, delivery: IncomingDelivery) -> int:
        facts, body = encode_facts(delivery.facts), delivery.body
        # The body stays a piece of its own, so that it is copied once only: by the system, on its way out.
        self.parts += (b"$%d\r\n%b\r\n$%d\r\n" % (len(facts), facts, len(body)), body, _END)
        self.size += len(body)
        self.count += 1
        return self.count - 1

    def call(self, name: bytes, script: bytes, *, repeats: bool = False) -> list[bytes]:
        arguments = 2 + 1 + len(_KEYS) + len(_FIXED) + 1 + _WIDTH * self.count
        head = b"*%d\r\n" % arguments + encode_bulk_strings([name, script]) + _COMMON
        return [head + (_MAYBE_STORED if repeats else _NEW), *self.parts]


class GroupCommit:
    """Stores deliveries in Redis through a link."""

    def __init__(self, link: ReconnectingConnection, *, script: str, timeout: float, repeats: bool = False) -> None:
        """Describe it.

        Args:
            link: The connection to use.
            script: Source of `accept.lua`.
            timeout: How long an answer is waited for, in seconds.
            repeats: Whether deliveries may have been sent before, under the same ids.
        """
        self._link = link
        self._script = script.encode()
        self._digest = hashlib.sha1(self._script, usedforsecurity=False).hexdigest().encode()
        self._patience = ResponseTimeout(timeout, link.drop)
        self._repeats = repeats
        self._group: _Group | None = None
        self._under_way = 0

    async def store(self, delivery: IncomingDelivery) -> PriorAcceptance | None:
        """Store one delivery and queue it, all or nothing.

        Returns:
            The delivery that it repeats, or that had the same body; None when it is stored and new, or stored before
            under this very id.

        Raises:
            StoreUnavailableError: When Redis is away, too slow, or refuses writes.
        """
        if self._link.connection is None:
            raise StoreUnavailableError(self._link.problem)
        if self._patience.is_silent:
            raise StoreUnavailableError("Redis has been silent for too long")
        group = self._group
        if group is None:
            loop = asyncio.get_running_loop()
            group = self._group = _Group(loop.create_future())
            if not self._under_way:
                loop.call_soon(self._leave, group)
        position = group.add(delivery)
        if group.count >= _LARGEST_GROUP or group.size >= _LARGEST_GROUP_BYTES:
            self._leave(group)
        try:
            answers = await group.answer
        except (ConnectionLostError, RedisRefusedError) as error:
            raise StoreUnavailableError(str(error)) from None
        return _earlier(answers[position])

    def _leave(self, group: _Group) -> None:
        if group.has_left:
            return
        group.has_left = True
        self._group = None
        self._under_way += 1
        self._send(group, b"EVALSHA", self._digest)

    def _send(self, group: _Group, name: bytes, script: bytes) -> None:
        connection = self._link.connection
        if connection is None:
            self._settle(group, ConnectionLostError(self._link.problem))
            return
        wait = PendingResponse(self._patience)

        def settle(result: object) -> None:
            wait.end()
            if isinstance(result, RedisRefusedError) and result.code == "NOSCRIPT" and name == b"EVALSHA":
                self._send(group, b"EVAL", self._script)
            else:
                self._settle(group, result)

        connection.send(group.call(name, script, repeats=self._repeats), settle)

    def _settle(self, group: _Group, result: Any) -> None:
        if isinstance(result, RedisRefusedError):
            # A server that is full or read-only may have failed over: a new connection finds the one that is not.
            self._link.drop(result.message)
        if group.answer.done():
            pass
        elif isinstance(result, RedisRefusedError | ConnectionLostError):
            group.answer.set_exception(result)
        else:
            group.answer.set_result(result)
        self._under_way -= 1
        if not self._under_way and self._group is not None:
            self._leave(self._group)
