"""Clients that follow the server: behind Sentinel, on a Cluster, or where a name begins to point at another machine.

The library's client for a Cluster repeats commands by itself, and has pipelines and scripts of another kind. So the
plain client is kept, on connections that ask where the server is whenever they are made, and close when it says that it
is not the one to write to. That refusal is the one failure after which a command is sent once more, because it was not
carried out; what a pipeline had sent before it was, so pipelines are for reading.
"""

from typing import Any, cast

import redis.asyncio.connection as asynchronous
import redis.connection as synchronous
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.client import Redis as SyncRedis
from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError, ResponseError
from redis.exceptions import ConnectionError as LostConnectionError
from redis.retry import Retry as SyncRetry

from vedette.store.server.asking import find, find_in_thread
from vedette.store.server.discovery import ServerDiscovery
from vedette.store.server.url import RedisUrl, read_redis_url

_NOT_HERE = (MovedError, ReadOnlyError)
_UNSETTLED = (AskError, ClusterDownError)
"""The keys are on their way to another node, or nobody has them just now; it is asked anew where they are."""


class ServerMovedError(LostConnectionError):
    """The server is not, or no longer, the one to write to; the command was not carried out."""


def _understood(error: ResponseError) -> Exception:
    return ServerMovedError(str(error)) if isinstance(error, _NOT_HERE) else error


class _InThread:
    """Makes a connection of the library's follow the server."""

    def __init__(self, *, whereabouts: ServerDiscovery, **options: Any) -> None:
        self._whereabouts = whereabouts
        cast("Any", super()).__init__(**options)

    def connect(self) -> None:
        """Connect unless connected to where the server is; called whenever the connection is taken from its pool."""
        this = cast("Any", self)
        current = self._whereabouts.current
        if current is not None and (this.host, this.port) != current:
            this.disconnect()
        cast("Any", super()).connect()

    def _connect(self) -> Any:
        this = cast("Any", self)
        if not self._whereabouts.is_fixed:
            this.host, this.port = find_in_thread(self._whereabouts)
        try:
            return cast("Any", super())._connect()  # noqa: SLF001 - the only place between asking and dialling
        except OSError:
            self._whereabouts.was_wrong()
            raise

    def read_response(self, *arguments: Any, **options: Any) -> Any:
        """Read an answer; one that points elsewhere ends the connection."""
        try:
            return cast("Any", super()).read_response(*arguments, **options)
        except (*_NOT_HERE, *_UNSETTLED) as error:
            cast("Any", self).disconnect()
            self._whereabouts.was_wrong()
            raise _understood(error) from None


class _InLoop:
    """The same for connections in an event loop."""

    def __init__(self, *, whereabouts: ServerDiscovery, **options: Any) -> None:
        self._whereabouts = whereabouts
        cast("Any", super()).__init__(**options)

    async def connect(self) -> None:
        """Connect unless connected to where the server is; called whenever the connection is taken from its pool."""
        this = cast("Any", self)
        current = self._whereabouts.current
        if current is not None and (this.host, this.port) != current:
            await this.disconnect(nowait=True)
        await cast("Any", super()).connect()

    async def _connect(self) -> None:
        this = cast("Any", self)
        if not self._whereabouts.is_fixed:
            this.host, this.port = await find(self._whereabouts)
        try:
            await cast("Any", super())._connect()  # noqa: SLF001 - the only place between asking and dialling
        except (OSError, TimeoutError):
            self._whereabouts.was_wrong()
            raise

    async def read_response(self, *arguments: Any, **options: Any) -> Any:
        """Read an answer; one that points elsewhere ends the connection."""
        try:
            return await cast("Any", super()).read_response(*arguments, **options)
        except (*_NOT_HERE, *_UNSETTLED) as error:
            await cast("Any", self).disconnect(nowait=True)
            self._whereabouts.was_wrong()
            raise _understood(error) from None


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
    pool = cast("Any", synchronous.ConnectionPool)(**_options(read, kinds, timeout), retry=retry)
    return cast("Any", SyncRedis).from_pool(pool)


def client_in_loop(url: str, timeout: float) -> Any:
    """Return the library's client for an event loop; as `client_in_thread`."""
    read = read_redis_url(url)
    kinds = (_LoopConnection, _LoopTlsConnection, _LoopSocketConnection)
    retry = AsyncRetry(NoBackoff(), 1, (ServerMovedError,))
    pool = cast("Any", asynchronous.ConnectionPool)(**_options(read, kinds, timeout), retry=retry)
    return cast("Any", AsyncRedis).from_pool(pool)


def _options(url: RedisUrl, kinds: tuple[type, type, type], timeout: float) -> dict[str, Any]:
    plain, tls, socket = kinds
    kind = socket if "path" in url.options else tls if url.tls else plain
    address = {} if "path" in url.options else {"host": url.addresses[0].host, "port": url.addresses[0].port}
    return {
        **address,
        **url.options,
        "connection_class": kind,
        "whereabouts": ServerDiscovery(url),
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        # hiredis parses it as it stands, and stream and hash answers keep one shape on every server.
        "protocol": 2,
    }
