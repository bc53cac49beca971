"""Reads from Redis what arrived for an integration, and what the receivers report."""

import json
from collections.abc import Mapping

from vedette._core.json_values import json_object
from vedette.checks.evidence import DoorEvidence
from vedette.store.deliveries.stored_record import fields_of
from vedette.store.receivers.receiver_status import ReceiverStatuses
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import DELIVERIES, delivery_key

_NEWEST = 20
_AGENT = "sentry/"


async def read_door(client: RedisClient, integration: str) -> DoorEvidence:
    """Return what arrived for an integration, and the receivers' reports.

    Raises:
        redis.exceptions.RedisError: Redis gives no answer.
    """
    statuses = ReceiverStatuses(client)
    last = await statuses.last_deliveries()
    mine = {resource: moment / 1000 for (name, resource), moment in last.items() if name == integration}
    return DoorEvidence(mine, tuple(await statuses.all()), await server_time(client))


async def read_server_version(client: RedisClient, integration: str) -> str:
    """Return Sentry's version, as the newest webhooks of an integration name it; empty where none does.

    Raises:
        redis.exceptions.RedisError: Redis gives no answer.
    """
    for name in await client.zrevrangebyscore(DELIVERIES, "+inf", "-inf", 0, _NEWEST):
        packed = await client.hget(delivery_key(name.decode()), "facts")
        version = "" if packed is None else _version_of(fields_of({"facts": packed}), integration)
        if version:
            return version
    return ""


def _version_of(fields: Mapping[str, bytes], integration: str) -> str:
    if fields.get("integration", b"").decode() != integration:
        return ""
    agent = str(json_object(json.loads(fields.get("headers") or b"{}")).get("user-agent", ""))
    return agent.removeprefix(_AGENT).partition(" ")[0] if agent.startswith(_AGENT) else ""
