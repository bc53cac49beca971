"""Where Redis is and how one is let in, read from its URL as the client library reads it.

The library parses the URL and makes the TLS context, so that every option it knows works the same at the door.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from redis.asyncio import connection as library

from receiver.resp import command
from vedette.store.connection import without_password

if TYPE_CHECKING:
    import ssl

_Protocol = TypeVar("_Protocol", bound=asyncio.Protocol)


class RedisAddress:
    """A server's address and the commands that a new connection begins with."""

    def __init__(self, url: str) -> None:
        self._url = without_password(url)
        options = cast("dict[str, Any]", cast("Any", library.parse_url)(url))
        kind = options.pop("connection_class", library.Connection)
        self._path: str | None = options.get("path")
        self._host: str = options.get("host", "localhost")
        self._port: int = options.get("port", 6379)
        self._username: str | None = options.get("username")
        self._password: str | None = options.get("password")
        self._database: int = int(options.get("db") or 0)
        self._tls: ssl.SSLContext | None = None
        if kind is library.SSLConnection:
            self._tls = cast("Any", kind)(**options).ssl_context.get()

    async def connect(self, protocol: Callable[[], _Protocol]) -> _Protocol:
        """Open a connection.

        Raises:
            OSError: When nobody answers.
        """
        loop = asyncio.get_running_loop()
        if self._path is not None:
            return (await loop.create_unix_connection(protocol, self._path))[1]
        return (await loop.create_connection(protocol, self._host, self._port, ssl=self._tls))[1]

    def greeting(self) -> list[bytes]:
        """Return the commands that log in and choose the database, in order."""
        commands: list[bytes] = []
        if self._password is not None:
            user = () if self._username is None else (self._username.encode(),)
            commands.append(command(b"AUTH", *user, self._password.encode()))
        if self._database:
            commands.append(command(b"SELECT", b"%d" % self._database))
        return commands

    def __repr__(self) -> str:
        return f"<RedisAddress {self._url}>"
