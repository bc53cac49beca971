"""Shares one pipelined connection to Redis among all tasks of an event loop.

The connection is opened by the first command, and by the first one after it was lost. Commands that were pending then
fail, since only their senders know whether they may be repeated. A command that was refused because the server is not
the master was not executed, and is sent once more.
"""

import asyncio
from typing import Any

from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import TimeoutError as SlowServerError

from vedette.store.server.command_connection import CommandConnection, ServerMovedError, redis_error
from vedette.store.server.pipelined_connection import RedisReplyError
from vedette.store.server.server_address import RedisAddress


class SharedConnection:
    """The connection of one client, as long as it lasts, and the next one after it."""

    def __init__(self, address: RedisAddress, timeout: float) -> None:
        """Prepare; the first command connects.

        Args:
            address: The server's address.
            timeout: Seconds to wait for a connection, and for the reply to a command.
        """
        self._address = address
        self._timeout = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: CommandConnection | None = None
        self._opening: asyncio.Task[CommandConnection] | None = None

    async def call(self, data: bytes) -> Any:
        """Send one encoded command and return its reply.

        Raises:
            redis.exceptions.ResponseError: The reply is an error.
            redis.exceptions.ConnectionError: There is no connection, or it ended before the reply.
            redis.exceptions.TimeoutError: The server has not answered in time.
        """
        try:
            return await (await self._connected()).request(data)
        except ServerMovedError:
            return await (await self._connected()).request(data)

    async def call_all(self, commands: list[bytes]) -> list[Any]:
        """Send encoded commands in one write; return their replies, error replies as values.

        Raises:
            redis.exceptions.ConnectionError: There is no connection, or it ended before the replies.
            redis.exceptions.TimeoutError: The server has not answered in time.
        """
        connection = await self._connected()
        replies = await asyncio.gather(*map(connection.request, commands), return_exceptions=True)
        for reply in replies:
            if isinstance(reply, LostConnectionError | SlowServerError):
                raise reply
        return replies

    async def close(self) -> None:
        """Close the connection; pending commands fail."""
        if asyncio.get_running_loop() is not self._loop:
            return
        if self._opening is not None:
            self._opening.cancel()
        if self._connection is not None:
            self._connection.abort("the client was closed")
            # The transport ends in the next iteration.
            await asyncio.sleep(0)

    async def _connected(self) -> CommandConnection:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._connection, self._opening = loop, None, None
        if self._connection is not None:
            return self._connection
        if self._opening is None:
            self._opening = loop.create_task(self._open(), name="connecting to Redis")
            self._opening.add_done_callback(self._end_opening)
        # All that need the connection wait for one attempt; none of them ends it by being cancelled.
        return await asyncio.shield(self._opening)

    def _end_opening(self, task: "asyncio.Task[CommandConnection]") -> None:
        if self._opening is task:
            self._opening = None
        if not task.cancelled():
            # Marks an error as seen for which no command waits any more.
            task.exception()

    async def _open(self) -> CommandConnection:
        connection = CommandConnection(self._timeout, lambda: self._leave(connection), lambda: self._move(connection))
        try:
            async with asyncio.timeout(self._timeout):
                await self._address.connect(lambda: connection)
                for command in self._address.login_commands():
                    await connection.execute(command)
        except BaseException as error:
            self._address.invalidate()
            connection.abort("the login failed")
            if isinstance(error, Exception):
                raise self._describe(error) from error
            raise
        self._connection = connection
        return connection

    def _describe(self, error: Exception) -> Exception:
        match error:
            case TimeoutError():
                return SlowServerError(f"no connection within {self._timeout:g} s")
            case RedisReplyError():
                return redis_error(error)
            case LostConnectionError():
                return error
            case _:
                return LostConnectionError(str(error))

    def _leave(self, connection: CommandConnection) -> None:
        if self._connection is connection:
            self._connection = None

    def _move(self, connection: CommandConnection) -> None:
        self._leave(connection)
        self._address.invalidate()
