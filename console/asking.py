"""One question to Redis from a command: connect to what the settings name, ask, and close."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from console.place import find_place
from vedette.settings import load_settings
from vedette.store.client import RedisClient
from vedette.store.connection import open_redis

_Result = TypeVar("_Result")


def ask(question: Callable[[RedisClient], Awaitable[_Result]]) -> _Result:
    """Return the answer to `question`."""
    place = find_place(load_settings())

    async def connected() -> _Result:
        client = open_redis(place.redis_url)
        try:
            return await question(client)
        finally:
            await client.aclose()

    return asyncio.run(connected())
