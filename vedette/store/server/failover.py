"""Redis clients that follow a failover: behind Sentinel, on a Cluster, or when a host name gets another address.

The library's Cluster client retries commands automatically, and has other pipelines and scripts. So the plain client is
used, with connections that discover the server whenever they are made, and close when it answers that it is not the
master. After that refusal alone a command is retried once, because it was not executed. Commands of a pipeline before
it were, so pipelines are for reading.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import redis.asyncio.connection as asynchronous
import redis.connection as synchronous
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.client import Redis as SyncRedis
from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as SlowServerError
from redis.retry import Retry as SyncRetry

from vedette.store.server.command_connection import NOT_HERE, UNSETTLED, ServerMovedError
from vedette.store.server.discovery import ServerDiscovery, discover, discover_in_thread
from vedette.store.server.pipelined_client import PipelinedRedis
from vedette.store.server.server_address import RedisAddress
from vedette.store.server.shared_connection import SharedConnection
from vedette.store.server.url import RedisUrl, read_redis_url


def _translated(error: ResponseError) -> Exception:
    return ServerMovedError(str(error)) if isinstance(error, NOT_HERE) else error


def _chunks(command: bytes | str | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(command, str):
        return [command.encode()]
    return [command] if isinstance(command, bytes) else command


class _InThread(synchronous.AbstractConnection):
    """A connection of the library that follows the server; for threads."""

    def __init__(self, *, discovery: ServerDiscovery, **options: Any) -> None:
        self._discovery = discovery
        super().__init__(**options)

    def connect(self) -> None:
        """Connect unless connected to the current server; called whenever the pool hands the connection out."""
        current = self._discovery.current
        if current is not None and (self.host, self.port) != current:
            self.disconnect()
        super().connect()

    def _connect(self) -> Any:
        if not self._discovery.is_fixed:
            self.host, self.port = discover_in_thread(self._discovery)
        try:
            return super()._connect()
        except OSError:
            self._discovery.invalidate()
            raise

    def read_response(self, *arguments: Any, **options: Any) -> Any:
        """Read a response; one that points to another server closes the connection."""
        try:
            return super().read_response(*arguments, **options)
        except (*NOT_HERE, *UNSETTLED) as error:
            self.disconnect()
            self._discovery.invalidate()
            raise _translated(error) from None


class _InLoop(asynchronous.AbstractConnection):
    """A connection of the library that follows the server; for an event loop."""

    def __init__(self, *, discovery: ServerDiscovery, **options: Any) -> None:
        self._discovery = discovery
        super().__init__(**options)

    async def connect(self) -> None:
        """Connect unless connected to the current server; called whenever the pool hands the connection out."""
        current = self._discovery.current
        if current is not None and (self.host, self.port) != current:
            await self.disconnect(nowait=True)
        await super().connect()

    async def _connect(self) -> None:
        if not self._discovery.is_fixed:
            self.host, self.port = await discover(self._discovery)
        try:
            await super()._connect()
        except (OSError, TimeoutError):
            self._discovery.invalidate()
            raise

    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        """Send a command.

        The library's own method starts a task for each command and waits for it with `asyncio.wait_for`, which on
        Python 3.11 loses a cancellation that arrives when the task has just ended: a background task that is cancelled
        then continues without a limit.

        Raises:
            redis.exceptions.ConnectionError: The connection is lost.
            redis.exceptions.TimeoutError: The server does not read within the socket timeout.
        """
        if not self.is_connected:
            await self.connect_check_health(check_health=False)
        if check_health:
            await self.check_health()
        try:
            async with asyncio.timeout(self.socket_timeout):
                await self._send_packed_command(_chunks(command))
        except TimeoutError:
            await self.disconnect(nowait=True)
            raise SlowServerError("the server does not read what is sent to it") from None
        except OSError as error:
            await self.disconnect(nowait=True)
            raise LostConnectionError(f"the connection was lost while a command was sent: {error}") from error
        except BaseException:
            # A command that was sent in part would spoil the next one.
            await self.disconnect(nowait=True)
            raise

    async def read_response(self, *arguments: Any, **options: Any) -> Any:
        """Read a response; one that points to another server closes the connection."""
        try:
            return await super().read_response(*arguments, **options)
        except (*NOT_HERE, *UNSETTLED) as error:
            await self.disconnect(nowait=True)
            self._discovery.invalidate()
            raise _translated(error) from None


class _ThreadConnection(_InThread, synchronous.Connection):
    pass


class _ThreadTlsConnection(_InThread, synchronous.SSLConnection):
    pass


class _ThreadSocketConnection(_InThread, synchronous.UnixDomainSocketConnection):
    pass


class _LoopConnection(_InLoop, asynchronous.Connection):
    pass


class _LoopTlsConnection(_InLoop, asynchronous.SSLConnection):
    pass


class _LoopSocketConnection(_InLoop, asynchronous.UnixDomainSocketConnection):
    pass


def client_in_thread(url: str, timeout: float) -> Any:
    """Return the library's client for threads.

    Args:
        url: See `vedette.store.server.url`.
        timeout: Seconds to wait for a connection or an answer.

    Raises:
        RedisUrlError: When the URL cannot be used.
    """
    read = read_redis_url(url)
    kinds = (_ThreadConnection, _ThreadTlsConnection, _ThreadSocketConnection)
    retry = SyncRetry(NoBackoff(), 1, (ServerMovedError,))
    pool = synchronous.ConnectionPool(**_options(read, kinds, timeout), retry=retry)
    return SyncRedis.from_pool(pool)


def client_in_loop(url: str, timeout: float) -> Any:
    """Return the client for an event loop; its commands share one connection, as `client_in_thread`."""
    read = read_redis_url(url)
    kinds = (_LoopConnection, _LoopTlsConnection, _LoopSocketConnection)
    retry = AsyncRetry(NoBackoff(), 1, (ServerMovedError,))
    pool = asynchronous.ConnectionPool(**_options(read, kinds, timeout), retry=retry)
    client = PipelinedRedis.from_pool(pool)
    client.shared = SharedConnection(RedisAddress(url), timeout)
    return client


def _options(url: RedisUrl, kinds: tuple[type, type, type], timeout: float) -> dict[str, Any]:
    plain, tls, socket = kinds
    kind = socket if "path" in url.options else tls if url.tls else plain
    address = {} if "path" in url.options else {"host": url.addresses[0].host, "port": url.addresses[0].port}
    return {
        **address,
        **url.options,
        "connection_class": kind,
        "discovery": ServerDiscovery(url),
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        # hiredis parses it, and responses with streams and hashes have one shape on every server.
        "protocol": 2,
    }
