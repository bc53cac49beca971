"""Sessions of commands with this instance: its Redis, its settings, and the person who runs the command."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from typing import TypeVar

from console.instance import Instance, find_instance
from vedette.admin.session import AdminSession
from vedette.settings.settings import load_settings
from vedette.store.server.client import RedisClient
from vedette.store.server.edition import check_edition
from vedette.store.server.retrying import REDIS_ERRORS
from vedette.store.server.server_check import open_redis

_Result = TypeVar("_Result")


def ask(
    question: Callable[[AdminSession], Awaitable[_Result]], *, by: str = "", shows_outages: bool = False
) -> _Result:
    """Open a session, call a query or action with it, and return the result.

    Args:
        question: The query or action.
        by: Name of the caller, for the audit; the system's user if empty.
        shows_outages: The question has an answer also where Redis gives none.

    Raises:
        SettingsError: The settings cannot be used.
        OtherEditionError: Redis holds data of another edition.
    """
    instance = find_instance(load_settings())

    async def run() -> _Result:
        client = open_redis(instance.redis_url)
        try:
            await _check_edition(client, shows_outages=shows_outages)
            return await question(AdminSession(by or current_user(), client, instance.settings, instance.integration))
        finally:
            await client.aclose()

    return asyncio.run(run())


async def _check_edition(client: RedisClient, *, shows_outages: bool) -> None:
    try:
        await check_edition(client)
    except REDIS_ERRORS:
        if not shows_outages:
            raise


def running_receiver(instance: Instance) -> str:
    """Return the URL of the receiver that runs on this folder, whatever its port; the settings' own if none does."""
    from vedette.admin.receiver_probe import find_receiver  # noqa: PLC0415 - listings need no HTTP client

    urls = tuple(dict.fromkeys((instance.noted_receiver_url, instance.receiver_url)))
    return urls[0] if len(urls) == 1 else asyncio.run(find_receiver(urls))


def current_user() -> str:
    """Return the name of the system's user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "somebody"
