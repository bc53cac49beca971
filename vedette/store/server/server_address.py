"""Resolves the address, TLS context and login commands of Redis from its URL, as the workers' client does.

redis-py makes the TLS context, so that its options have the same effect here. With Sentinel or Cluster, the current
master is queried before each connection.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import redis.asyncio.connection as library

from vedette.store.server.discovery import ServerDiscovery, discover
from vedette.store.server.pipelined_connection import encode_command
from vedette.store.server.url import read_redis_url, without_password

if TYPE_CHECKING:
    import ssl

_Protocol = TypeVar("_Protocol", bound=asyncio.Protocol)


class RedisAddress:
    """The address of a server, and the commands that begin a connection."""

    def __init__(self, url: str) -> None:
        """Parse a URL.

        Raises:
            RedisUrlError: The URL is invalid.
        """
        self._shown = without_password(url)
        read = read_redis_url(url)
        self._discovery = ServerDiscovery(read)
        options = read.options
        self._path: str | None = options.get("path")
        self._username: str | None = options.get("username")
        self._password: str | None = options.get("password")
        self._database: int = int(options.get("db") or 0)
        self._tls: ssl.SSLContext | None = None
        if read.tls:
            self._tls = library.SSLConnection(**options).ssl_context.get()

    async def connect(self, protocol: Callable[[], _Protocol]) -> _Protocol:
        """Open a connection.

        Raises:
            OSError: The server does not respond.
            ServerNotFoundError: No sentinel or node knows the server's address.
        """
        loop = asyncio.get_running_loop()
        if self._path is not None:
            return (await loop.create_unix_connection(protocol, self._path))[1]
        discovery = self._discovery
        host, port = discovery.url.addresses[0] if discovery.is_fixed else await discover(discovery)
        return (await loop.create_connection(protocol, host, port, ssl=self._tls))[1]

    def invalidate(self) -> None:
        """Discard the server found last; another sentinel or node is queried first."""
        self._discovery.invalidate()

    def login_commands(self) -> list[bytes]:
        """Return the commands that log in and select the database, in order."""
        commands: list[bytes] = []
        if self._password is not None:
            user = () if self._username is None else (self._username.encode(),)
            commands.append(encode_command(b"AUTH", *user, self._password.encode()))
        if self._database:
            commands.append(encode_command(b"SELECT", b"%d" % self._database))
        return commands

    def __repr__(self) -> str:
        return f"<RedisAddress {self._shown}>"
