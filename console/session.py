"""What commands need that ask something of a running Vedette: its Redis, and who asks."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from typing import TypeVar

from console.instance import Instance, find_place
from vedette.settings.settings import load_settings
from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis

_Result = TypeVar("_Result")


def ask(question: Callable[[RedisClient], Awaitable[_Result]]) -> _Result:
    """Connect to this Vedette's Redis, put the question, and return the answer."""
    return ask_at(find_place(load_settings()), question)


def ask_at(place: Instance, question: Callable[[RedisClient], Awaitable[_Result]]) -> _Result:
    """As `ask`, where the place is known already."""

    async def asking() -> _Result:
        client = open_redis(place.redis_url)
        try:
            return await question(client)
        finally:
            await client.aclose()

    return asyncio.run(asking())


def this_person() -> str:
    """Return the name of who runs the command, for the audit."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "somebody"
