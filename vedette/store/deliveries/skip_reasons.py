"""Stores the reasons for which subscribed handlers were skipped, for `vedette explain`."""

import json
from collections.abc import Mapping

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import skip_reasons_key


async def write_considered(client: RedisClient, delivery: str, left_out: Mapping[str, str], age: float) -> None:
    """Keep, for each handler that was left out, why; for `age` seconds."""
    await client.set(skip_reasons_key(delivery), json.dumps(dict(left_out)), px=round(age * 1000))


async def read_considered(client: RedisClient, delivery: str) -> dict[str, str]:
    """Return handler -> why it was left out; empty where none was."""
    text = await client.get(skip_reasons_key(delivery))
    return {} if text is None else {str(name): str(why) for name, why in json.loads(text).items()}
