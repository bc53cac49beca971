"""Stores deliveries in Redis by group commit: those that arrive together share one script call and one round trip.

A group is sent at the end of the event loop's iteration in which it began; while the previous group is in flight, when
that one is answered, or when the group is full. So a single delivery has no added latency, and under load a round trip
is shared by all deliveries that arrived during the previous one.
"""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any, cast

import msgspec

from receiver.ingest.record import IncomingDelivery
from receiver.redis_link.reconnecting_connection import ReconnectingConnection
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
from vedette.store.server.pipelined_connection import ConnectionLostError, RedisReplyError, encode_bulk_strings

_LARGEST_GROUP = 16
"""Deliveries of a full group, which is sent at once so that Redis works on it while the receiver handles others."""
_LARGEST_GROUP_BYTES = 128 * 1024
"""Bytes of a full group: a socket accepts about that in one call (Linux's default buffer is 208 KB)."""

_KEYS = (DELIVERIES, JOURNAL, STORED, queue_key(FAN_OUT_QUEUE), messages_key(FAN_OUT_QUEUE))
_FIXED = (DELIVERY_PREFIX, SEEN_PREFIX, str(JOURNAL_LENGTH))
_COMMON = encode_bulk_strings([str(len(_KEYS)).encode(), *(text.encode() for text in (*_KEYS, *_FIXED))])
_NEW, _MAYBE_STORED = encode_bulk_strings([b""]), encode_bulk_strings([b"1"])
_WIDTH = 2
_END = b"\r\n"
_SAME_BODY = b"="


class StoreUnavailableError(Exception):
    """Redis did not confirm that it stored the delivery; it may have stored it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Redis did not store the delivery: {reason}")


class PriorAcceptance(msgspec.Struct, frozen=True, gc=False):
    """An earlier delivery of the same event, or with an equal body."""

    id: str
    is_duplicate: bool
    """Return whether the later one is a repetition and was not stored."""


def _parse_prior_acceptance(answer: bytes) -> PriorAcceptance | None:
    if not answer:
        return None
    if answer.startswith(_SAME_BODY):
        return PriorAcceptance(answer[1:].decode(), is_duplicate=False)
    return PriorAcceptance(answer.decode(), is_duplicate=True)


OnStored = Callable[[PriorAcceptance | StoreUnavailableError | None], None]
"""A callback for the result of storing one delivery; an error is passed as a value. It must not raise."""


class _Group:
    """A group of deliveries that share one call."""

    def __init__(self) -> None:
        self.callbacks: list[OnStored] = []
        self.is_sent = False
        self.pieces: list[bytes] = []
        self.size = 0

    def add(self, delivery: IncomingDelivery, on_stored: OnStored) -> None:
        record, body = encode_facts(delivery.record), delivery.body
        # The body is a separate piece, so that only the system copies it, when it is sent.
        self.pieces += (b"$%d\r\n%b\r\n$%d\r\n" % (len(record), record, len(body)), body, _END)
        self.size += len(body)
        self.callbacks.append(on_stored)

    def encode(self, name: bytes, script: bytes, *, repeats: bool = False) -> list[bytes]:
        arguments = 2 + 1 + len(_KEYS) + len(_FIXED) + 1 + _WIDTH * len(self.callbacks)
        head = b"*%d\r\n" % arguments + encode_bulk_strings([name, script]) + _COMMON
        return [head + (_MAYBE_STORED if repeats else _NEW), *self.pieces]


class GroupCommit:
    """The group commit of deliveries over one connection."""

    def __init__(self, link: ReconnectingConnection, *, script: str, timeout: float, repeats: bool = False) -> None:
        """Set the connection and the script.

        Args:
            link: The connection to use.
            script: Source of `accept.lua`.
            timeout: Seconds to wait for a response.
            repeats: Whether deliveries may have been sent before, under the same ids.
        """
        self._link = link
        self._script = script.encode()
        self._digest = hashlib.sha1(self._script, usedforsecurity=False).hexdigest().encode()
        self._timeout = ResponseTimeout(timeout, link.drop)
        self._repeats = repeats
        self._group: _Group | None = None
        self._in_flight = 0

    async def store(self, delivery: IncomingDelivery) -> PriorAcceptance | None:
        """Store and queue one delivery atomically.

        Returns:
            The earlier delivery of the same event or with an equal body; None when the delivery is new, or was stored
            before under this id.

        Raises:
            StoreUnavailableError: Redis is unreachable, too slow, or rejects writes.
        """
        stored: asyncio.Future[PriorAcceptance | None] = asyncio.get_running_loop().create_future()

        def on_stored(result: PriorAcceptance | StoreUnavailableError | None) -> None:
            if stored.done():
                return
            if isinstance(result, StoreUnavailableError):
                stored.set_exception(result)
            else:
                stored.set_result(result)

        self.submit(delivery, on_stored)
        return await stored

    def submit(self, delivery: IncomingDelivery, on_stored: OnStored) -> None:
        """Store and queue one delivery atomically, as `store` does, and call `on_stored` with the result.

        A callback takes an iteration of the event loop less than a coroutine that waits for a future.
        """
        if self._link.connection is None:
            on_stored(StoreUnavailableError(self._link.problem))
            return
        if self._timeout.is_silent:
            on_stored(StoreUnavailableError("Redis has been silent for too long"))
            return
        group = self._group
        if group is None:
            group = self._group = _Group()
            if not self._in_flight:
                asyncio.get_running_loop().call_soon(self._send_group, group)
        group.add(delivery, on_stored)
        if len(group.callbacks) >= _LARGEST_GROUP or group.size >= _LARGEST_GROUP_BYTES:
            self._send_group(group)

    def _send_group(self, group: _Group) -> None:
        if group.is_sent:
            return
        group.is_sent = True
        self._group = None
        self._in_flight += 1
        self._call(group, b"EVALSHA", self._digest)

    def _call(self, group: _Group, name: bytes, script: bytes) -> None:
        connection = self._link.connection
        if connection is None:
            self._complete(group, ConnectionLostError(self._link.problem))
            return
        wait = PendingResponse(self._timeout)

        def on_reply(result: object) -> None:
            wait.end()
            if isinstance(result, RedisReplyError) and result.code == "NOSCRIPT" and name == b"EVALSHA":
                self._call(group, b"EVAL", self._script)
            elif isinstance(result, list) and len(cast("list[object]", result)) != len(group.callbacks):
                self._complete(group, RedisReplyError("ERR the script answered for other deliveries"))
            else:
                self._complete(group, result)

        connection.send(group.encode(name, script, repeats=self._repeats), on_reply)

    def _complete(self, group: _Group, result: Any) -> None:
        if isinstance(result, RedisReplyError):
            # A server that is full or read-only may have failed over: a new connection finds the current master.
            self._link.drop(result.message)
        # The next group first, so that Redis works on it while these are answered.
        self._in_flight -= 1
        if not self._in_flight and self._group is not None:
            self._send_group(self._group)
        if isinstance(result, RedisReplyError | ConnectionLostError):
            error = StoreUnavailableError(str(result))
            for on_stored in group.callbacks:
                on_stored(error)
            return
        answers: list[bytes] = result
        for on_stored, answer in zip(group.callbacks, answers, strict=True):
            on_stored(_parse_prior_acceptance(answer))
