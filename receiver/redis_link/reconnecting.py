"""Keeps one connection to Redis alive, and says at any moment whether there is one.

While there is none, nobody waits for it: deliveries go to the spool at once, and this keeps knocking.
"""

import asyncio
import logging
import random
import time

import structlog

from receiver.redis_link.address import RedisAddress
from receiver.redis_link.connection import ConnectionLostError, RedisConnection, RedisRefusedError, encode_command
from vedette._core.backoff import Backoff
from vedette.store.server.discovery import ServerNotFoundError
from vedette.store.server.keys import PREFIX
from vedette.store.server.server_check import SAFE_POLICY, NotPermittedError, UnsafeServerError

_BACKOFF = Backoff(first=0.02, longest=1.0)
_SETTLED = 5.0
"""A connection that lasted so many seconds was sound, so knocking begins anew in a hurry."""
_PROBE = f"{PREFIX}door".encode()


class ReconnectingConnection:
    """A connection that is made again whenever it is lost."""

    def __init__(self, address: RedisAddress, *, script: str, connect_timeout: float) -> None:
        """Describe the link; `run` makes it.

        Args:
            address: Where the server is.
            script: Source of a script to load on each connection.
            connect_timeout: How long connecting and logging in may take, in seconds.
        """
        self._address = address
        self._script = script
        self._connect_timeout = connect_timeout
        self._up = asyncio.Event()
        self._lost = asyncio.Event()
        self._said = ""
        self.connection: RedisConnection | None = None
        """The connection, when there is one that may be used."""
        self.problem = "not connected yet"
        """Why there is none, in words for operators."""

    async def run(self) -> None:
        """Connect, and connect again whenever the connection is lost; ends only when it is cancelled."""
        failures = 0
        try:
            while True:
                if await self._open():
                    began = time.monotonic()
                    self._say("redis connected")
                    await self._lost.wait()
                    if time.monotonic() - began > _SETTLED:
                        failures = 0
                self._say("redis away")
                failures += 1
                wait = _BACKOFF.after(failures)
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - spreads receivers, hides nothing
        finally:
            self.drop("the receiver ends")

    async def wait_until_up(self) -> None:
        """Return as soon as there is a connection."""
        await self._up.wait()

    def drop(self, reason: str) -> None:
        """Give the connection up, because it is too slow or refuses writes; a new one is made."""
        self.problem = reason
        if self.connection is not None:
            self.connection.abort(reason)

    async def _open(self) -> bool:
        self._lost.clear()
        connection: RedisConnection | None = None
        try:
            async with asyncio.timeout(self._connect_timeout):
                connection = await self._address.connect(lambda: RedisConnection(self._on_lost))
                await self._greet(connection)
        except TimeoutError:
            self._address.was_wrong()
            self.problem = f"no connection within {self._connect_timeout:g} s"
        except (OSError, RedisRefusedError, ConnectionLostError, UnsafeServerError, ServerNotFoundError) as error:
            self._address.was_wrong()
            self.problem = _sentence(error)
        else:
            self.connection = connection
            self.problem = ""
            self._up.set()
        finally:
            if connection is not None and self.connection is not connection:
                connection.abort(self.problem)
        return self.connection is not None

    async def _greet(self, connection: RedisConnection) -> None:
        for greeting in self._address.greeting():
            await connection.ask(greeting)
        memory = await connection.ask(encode_command(b"INFO", b"memory"))
        policy = _field(memory, b"maxmemory_policy") or SAFE_POLICY
        if policy != SAFE_POLICY:
            raise UnsafeServerError(policy)
        # A server that is full or read-only is as good as away: found here, not by each delivery.
        await connection.ask(encode_command(b"SET", _PROBE, b"1", b"PX", b"1000"))
        await connection.ask(encode_command(b"SCRIPT", b"LOAD", self._script.encode()))

    def _say(self, event: str) -> None:
        if self.problem != self._said:
            self._said = self.problem
            log = structlog.stdlib.get_logger(__name__)
            log.log(logging.WARNING if self.problem else logging.INFO, event, problem=self.problem)

    def _on_lost(self) -> None:
        if self.connection is not None and not self.problem:
            self.problem = "the connection was lost"
        self.connection = None
        self._up.clear()
        self._lost.set()


def _sentence(error: Exception) -> str:
    if isinstance(error, RedisRefusedError) and error.code == "NOPERM":
        return str(NotPermittedError(error.message))
    return str(error) or type(error).__name__


def _field(info: object, name: bytes) -> str:
    if isinstance(info, bytes):
        for line in info.splitlines():
            key, _, value = line.partition(b":")
            if key == name:
                return value.decode()
    return ""
