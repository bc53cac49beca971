"""Maintains one connection to Redis, reconnecting with backoff, and exposes its state.

While there is no connection, deliveries are spooled at once instead of waiting for it.
"""

import asyncio
import logging
import random
import time

import structlog

from vedette._core.backoff import Backoff
from vedette.store.server.discovery import ServerNotFoundError
from vedette.store.server.edition import EDITION, OtherEditionError
from vedette.store.server.keys import EDITION_KEY, PREFIX
from vedette.store.server.pipelined_connection import (
    ConnectionLostError,
    RedisConnection,
    RedisReplyError,
    encode_command,
)
from vedette.store.server.server_address import RedisAddress
from vedette.store.server.server_check import SAFE_POLICY, NotPermittedError, UnsafeServerError

_BACKOFF = Backoff(first=0.02, longest=1.0)
_SETTLED = 5.0
"""Seconds after which a connection counts as stable, and the backoff is reset."""
_PROBE = f"{PREFIX}door".encode()


class ReconnectingConnection:
    """A connection that is re-established whenever it is lost."""

    def __init__(self, address: RedisAddress, *, script: str, connect_timeout: float) -> None:
        """Set the address; `run` connects.

        Args:
            address: The server's address.
            script: Source of a script to load on each connection.
            connect_timeout: Seconds that connecting and logging in may take.
        """
        self._address = address
        self._script = script
        self._connect_timeout = connect_timeout
        self._up = asyncio.Event()
        self._lost = asyncio.Event()
        self._logged = ""
        self.connection: RedisConnection | None = None
        """The established connection, or None."""
        self.problem = "not connected yet"
        """The reason for which there is none, as operators read it; empty when there is one."""

    async def run(self) -> None:
        """Connect, and reconnect whenever the connection is lost, until cancelled."""
        failures = 0
        try:
            while True:
                if await self._open():
                    began = time.monotonic()
                    self._log_change("redis connected")
                    await self._lost.wait()
                    if time.monotonic() - began > _SETTLED:
                        failures = 0
                self._log_change("redis away")
                failures += 1
                wait = _BACKOFF.after(failures)
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - spreads receivers, hides nothing
        finally:
            self.drop("the receiver ends")

    async def wait_until_up(self) -> None:
        """Wait until there is a connection."""
        await self._up.wait()

    def drop(self, reason: str) -> None:
        """Close the connection because it is too slow or rejects writes; `run` makes a new one."""
        self.problem = reason
        if self.connection is not None:
            self.connection.abort(reason)

    async def _open(self) -> bool:
        self._lost.clear()
        connection: RedisConnection | None = None
        try:
            async with asyncio.timeout(self._connect_timeout):
                connection = await self._address.connect(lambda: RedisConnection(self._on_lost))
                await self._log_in(connection)
        except TimeoutError:
            self._address.invalidate()
            self.problem = f"no connection within {self._connect_timeout:g} s"
        except (OSError, RedisReplyError, ConnectionLostError, UnsafeServerError, ServerNotFoundError) as error:
            self._address.invalidate()
            self.problem = _describe(error)
        else:
            self.connection = connection
            self.problem = ""
            self._up.set()
        finally:
            if connection is not None and self.connection is not connection:
                connection.abort(self.problem)
        return self.connection is not None

    async def _log_in(self, connection: RedisConnection) -> None:
        for login_command in self._address.login_commands():
            await connection.execute(login_command)
        memory = await connection.execute(encode_command(b"INFO", b"memory"))
        policy = _find_field(memory, b"maxmemory_policy") or SAFE_POLICY
        if policy != SAFE_POLICY:
            raise UnsafeServerError(policy)
        edition = encode_command(b"SET", EDITION_KEY.encode(), b"%d" % EDITION, b"NX")
        await connection.execute(edition)
        found = await connection.execute(encode_command(b"GET", EDITION_KEY.encode()))
        if found != b"%d" % EDITION:
            raise OtherEditionError(found.decode(errors="replace") if isinstance(found, bytes) else "?")
        # A server that is full or read-only is unavailable: detected here, not by each delivery.
        await connection.execute(encode_command(b"SET", _PROBE, b"1", b"PX", b"1000"))
        await connection.execute(encode_command(b"SCRIPT", b"LOAD", self._script.encode()))

    def _log_change(self, event: str) -> None:
        if self.problem != self._logged:
            self._logged = self.problem
            log = structlog.stdlib.get_logger(__name__)
            log.log(logging.WARNING if self.problem else logging.INFO, event, problem=self.problem)

    def _on_lost(self) -> None:
        if self.connection is not None and not self.problem:
            self.problem = "the connection was lost"
        self.connection = None
        self._up.clear()
        self._lost.set()


def _describe(error: Exception) -> str:
    if isinstance(error, RedisReplyError) and error.code == "NOPERM":
        return str(NotPermittedError(error.message))
    return str(error) or type(error).__name__


def _find_field(info: object, name: bytes) -> str:
    if isinstance(info, bytes):
        for line in info.splitlines():
            key, _, value = line.partition(b":")
            if key == name:
                return value.decode()
    return ""
