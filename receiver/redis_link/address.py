"""Where Redis is and how one is let in, read from its URL as the workers read it.

The library makes the TLS context, so that every option it knows works the same at the door. Where a Sentinel or a
Cluster decides which server it is, they are asked before each connection.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from redis.asyncio import connection as library

from receiver.redis_link.connection import encode_command
from vedette.store.server.asking import find
from vedette.store.server.discovery import ServerDiscovery
from vedette.store.server.server_check import without_password
from vedette.store.server.url import read_redis_url

if TYPE_CHECKING:
    import ssl

_Protocol = TypeVar("_Protocol", bound=asyncio.Protocol)


class RedisAddress:
    """A server's address and the commands that a new connection begins with."""

    def __init__(self, url: str) -> None:
        """Read a URL.

        Raises:
            RedisUrlError: When it cannot be used.
        """
        self._shown = without_password(url)
        read = read_redis_url(url)
        self._whereabouts = ServerDiscovery(read)
        options = read.options
        self._path: str | None = options.get("path")
        self._username: str | None = options.get("username")
        self._password: str | None = options.get("password")
        self._database: int = int(options.get("db") or 0)
        self._tls: ssl.SSLContext | None = None
        if read.tls:
            self._tls = cast("Any", library.SSLConnection)(**options).ssl_context.get()

    async def connect(self, protocol: Callable[[], _Protocol]) -> _Protocol:
        """Open a connection.

        Raises:
            OSError: When nobody answers.
            ServerNotFoundError: When nobody knows where the server is.
        """
        loop = asyncio.get_running_loop()
        if self._path is not None:
            return (await loop.create_unix_connection(protocol, self._path))[1]
        where = self._whereabouts
        host, port = where.url.addresses[0] if where.is_fixed else await find(where)
        return (await loop.create_connection(protocol, host, port, ssl=self._tls))[1]

    def was_wrong(self) -> None:
        """Note that the server found last was of no use, so that another is asked first where it is."""
        self._whereabouts.was_wrong()

    def greeting(self) -> list[bytes]:
        """Return the commands that log in and choose the database, in order."""
        commands: list[bytes] = []
        if self._password is not None:
            user = () if self._username is None else (self._username.encode(),)
            commands.append(encode_command(b"AUTH", *user, self._password.encode()))
        if self._database:
            commands.append(encode_command(b"SELECT", b"%d" % self._database))
        return commands

    def __repr__(self) -> str:
        return f"<RedisAddress {self._shown}>"
