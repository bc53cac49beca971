"""The commands of Redis that Vedette uses, typed: the client library leaves most of its own untyped."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Literal, Protocol

Value = bytes | str | int | float


class Script(Protocol):
    """A registered Lua script."""

    def __call__(self, keys: Sequence[str] = ..., args: Sequence[Value] = ...) -> Awaitable[Any]:
        """Run it."""
        ...


class Pipeline(Protocol):
    """Commands that travel together."""

    def exists(self, name: str, /) -> object:
        """Queue EXISTS."""
        ...

    def hgetall(self, name: str, /) -> object:
        """Queue HGETALL."""
        ...

    def hmget(self, name: str, keys: Sequence[str], /) -> object:
        """Queue HMGET."""
        ...

    def time(self) -> object:
        """Queue TIME."""
        ...

    def zrange(self, name: str, start: int, end: int, /, *, withscores: Literal[True]) -> object:
        """Queue ZRANGE WITHSCORES."""
        ...

    def xrange(self, name: str, min: str = "-", max: str = "+", count: int | None = None) -> object:  # noqa: A002 - redis-py's names
        """Queue XRANGE."""
        ...

    def xlen(self, name: str, /) -> object:
        """Queue XLEN."""
        ...

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Send them and return their answers in order."""
        ...


class RedisClient(Protocol):
    """An asynchronous client; keys are text, values come back as bytes."""

    def register_script(self, script: str, /) -> Script:
        """Make a script callable; it travels once, then by its hash."""
        ...

    def pipeline(self, transaction: bool = True) -> Pipeline:
        """Collect commands for one round trip."""
        ...

    async def ping(self) -> bool:
        """Ask whether the server answers."""
        ...

    async def time(self) -> tuple[int, int]:
        """TIME: the server's clock, in seconds and microseconds."""
        ...

    async def info(self, section: str, /) -> Mapping[str, Any]:
        """Return one section of INFO."""
        ...

    async def config_set(self, name: str, value: Value, /) -> bool:
        """CONFIG SET."""
        ...

    async def get(self, name: str, /) -> bytes | None:
        """GET."""
        ...

    async def set(self, name: str, value: Value, /, *, px: int | None = None, nx: bool = False) -> bool | None:
        """SET."""
        ...

    async def delete(self, *names: str) -> int:
        """DEL."""
        ...

    async def exists(self, *names: str) -> int:
        """EXISTS."""
        ...

    async def hgetall(self, name: str, /) -> dict[bytes, bytes]:
        """HGETALL."""
        ...

    async def hget(self, name: str, key: str, /) -> bytes | None:
        """HGET."""
        ...

    async def hset(self, name: str, /, *, mapping: Mapping[str, Value]) -> int:
        """HSET."""
        ...

    async def hincrby(self, name: str, key: str, amount: int, /) -> int:
        """HINCRBY."""
        ...

    async def hsetnx(self, name: str, key: str, value: Value, /) -> int:
        """HSETNX."""
        ...

    async def hdel(self, name: str, /, *keys: str) -> int:
        """HDEL."""
        ...

    async def pexpire(self, name: str, milliseconds: int, /) -> bool:
        """PEXPIRE."""
        ...

    async def hlen(self, name: str, /) -> int:
        """HLEN."""
        ...

    async def scan(
        self, cursor: int = 0, *, match: str | None = None, count: int | None = None
    ) -> tuple[int, list[bytes]]:
        """SCAN: the next cursor, 0 at the end, and some keys."""
        ...

    async def lrange(self, name: str, start: int, end: int, /) -> list[bytes]:
        """LRANGE."""
        ...

    async def llen(self, name: str, /) -> int:
        """LLEN."""
        ...

    async def zadd(self, name: str, mapping: Mapping[str, int], /) -> int:
        """ZADD."""
        ...

    async def zrem(self, name: str, /, *members: str) -> int:
        """ZREM."""
        ...

    async def zcard(self, name: str, /) -> int:
        """ZCARD."""
        ...

    async def zcount(self, name: str, minimum: Value, maximum: Value, /) -> int:
        """ZCOUNT."""
        ...

    async def zrange(
        self, name: str, start: int, end: int, /, *, withscores: Literal[True]
    ) -> list[tuple[bytes, float]]:
        """ZRANGE WITHSCORES."""
        ...

    async def zrevrangebyscore(self, name: str, maximum: Value, minimum: Value, /, start: int, num: int) -> list[bytes]:
        """ZREVRANGEBYSCORE with LIMIT."""
        ...

    async def xadd(
        self, name: str, fields: Mapping[str, Value], /, *, maxlen: int | None = None, approximate: bool = True
    ) -> bytes:
        """XADD."""
        ...

    async def xread(
        self, streams: Mapping[str, str], /, count: int | None = None, block: int | None = None
    ) -> list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]:
        """XREAD."""
        ...

    async def xrevrange(
        self, name: str, newest: str = "+", oldest: str = "-", /, *, count: int | None = None
    ) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """XREVRANGE."""
        ...

    async def xrange(
        self, name: str, oldest: str = "-", newest: str = "+", /, *, count: int | None = None
    ) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """XRANGE."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
