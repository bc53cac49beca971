"""A Redis client whose commands share one pipelined connection; the library's client, with another way to the server.

Measured: the library takes a connection of its pool, a timer and a write for each command, together a third
of a worker's time. Commands that block or change the state of a connection take one of the pool, as before.
"""

from collections.abc import Callable, Sequence
from hashlib import sha1
from typing import Any, cast

import hiredis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.client import Pipeline
from redis.exceptions import NoScriptError, RedisError

from vedette.store.server.client import Value
from vedette.store.server.shared_connection import SharedConnection

_BLOCKING = ("BL", "BR", "BZ", "WAIT")
_STATEFUL = frozenset({
    *("MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "SELECT", "AUTH", "HELLO", "RESET", "QUIT", "MONITOR", "CLIENT"),
    *("SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "ASKING", "READONLY", "READWRITE", "SHUTDOWN", "DEBUG"),
})  # fmt: skip
_READERS = frozenset({"XREAD", "XREADGROUP"})
_NO_CALLBACK = ("NEVER_DECODE", "EMPTY_RESPONSE", "keys")


class PipelinedRedis(AsyncRedis):
    """The client of an event loop."""

    shared: SharedConnection

    def register_script(self, script: Any) -> Any:
        """Make a script callable; it travels once, then by its hash."""
        return PipelinedScript(self.shared, script)

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Any:
        """Collect commands for one round trip; a transaction takes a connection of the pool."""
        if transaction:
            return super().pipeline(transaction, shard_hint)
        return _CommandBatch(self)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command and return its parsed reply."""
        if _needs_own_connection(args):
            return await super().execute_command(*args, **options)
        return self.parse_reply(args[0], await self.shared.call(_encode(args)), options)

    def parse_reply(self, command: Any, reply: Any, options: dict[str, Any]) -> Any:
        """Return a reply as the library's methods do."""
        callback = self.response_callbacks.get(command)
        if callback is None:
            return reply
        for name in _NO_CALLBACK:
            options.pop(name, None)
        return callback(reply, **options)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close the connections."""
        await self.shared.close()
        await super().aclose(close_connection_pool)


class PipelinedScript:
    """A registered Lua script."""

    def __init__(self, shared: SharedConnection, script: str) -> None:
        self._shared = shared
        self._script = script.encode()
        self._digest = sha1(self._script, usedforsecurity=False).hexdigest()

    async def __call__(self, keys: Sequence[str] = (), args: Sequence[Value] = ()) -> Any:
        """Run it; a server that does not know it yet gets its source.

        Raises:
            redis.exceptions.RedisError: It failed, or its reply was lost.
        """
        arguments = (len(keys), *keys, *args)
        try:
            return await self._shared.call(_encode(("EVALSHA", self._digest, *arguments)))
        except NoScriptError:
            return await self._shared.call(_encode(("EVAL", self._script, *arguments)))


class _CommandBatch(Pipeline):
    """Commands that are sent in one write, each with its own effect."""

    def __init__(self, client: PipelinedRedis) -> None:
        super().__init__(client.connection_pool, client.response_callbacks, transaction=False, shard_hint=None)
        self._client = client

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Send them and return their replies in order, with errors as values unless `raise_on_error`."""
        commands = self.command_stack
        await self.reset()
        replies = await self._client.shared.call_all([_encode(args) for args, _ in commands])
        if raise_on_error:
            for reply in replies:
                if isinstance(reply, Exception):
                    raise reply
        parse = self._client.parse_reply
        return [
            reply if isinstance(reply, RedisError) else parse(args[0], reply, options)
            for reply, (args, options) in zip(replies, commands, strict=True)
        ]


def _needs_own_connection(arguments: tuple[Any, ...]) -> bool:
    name: str = arguments[0]
    if name in _READERS:
        return b"BLOCK" in arguments or "BLOCK" in arguments
    return name.startswith(_BLOCKING) or name.split(" ", 1)[0] in _STATEFUL


def _encode(arguments: tuple[Any, ...]) -> bytes:
    name: str = arguments[0]
    # The library writes commands of two parts as one.
    pieces: Any = (*name.split(), *arguments[1:]) if " " in name else arguments
    pack: Callable[[Any], bytes] = cast("Any", hiredis).pack_command
    return pack(pieces)
