"""Connections to Redis, and whether a server may be trusted with deliveries.

Measured: a server with an evicting policy acknowledged 3000 messages and kept 7. So nothing starts on one.
"""

import re

from redis.exceptions import RedisError

from vedette.clear_errors import ClearError
from vedette.store.client import RedisClient
from vedette.store.following import client_in_loop

SAFE_POLICY = "noeviction"
_PASSWORD_OPTION = re.compile(r"(?<=password=)[^&]*")


class UnsafeServerError(ClearError):
    """The server may throw away what it has acknowledged."""

    exit_code = 2

    def __init__(self, policy: str) -> None:
        self.policy = policy
        super().__init__(
            f"Redis runs with maxmemory-policy {policy}, which throws deliveries away when memory is short: "
            f"set `maxmemory-policy {SAFE_POLICY}` in its configuration and start again"
        )


class ServerUnreachableError(ClearError):
    """No server answers at the URL."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = without_password(url)
        self.reason = reason
        super().__init__(
            f"Redis does not answer at {self.url} ({reason}): start it, or correct VEDETTE_REDIS_URL "
            "(`redis_url` in vedette.toml)"
        )


def open_redis(url: str, *, timeout: float = 5.0) -> RedisClient:
    """Return a client for `url` (see `vedette.store.redis_url`); it connects when it is first used.

    Args:
        url: Where the server is, or who knows.
        timeout: How long to wait for a connection or an answer, in seconds. A failed command is not repeated:
            whoever sends it knows whether it may be.

    Raises:
        RedisUrlError: When the URL cannot be used.
    """
    client: RedisClient = client_in_loop(url, timeout)
    return client


async def check_server(client: RedisClient, url: str) -> bool:
    """Refuse a server that evicts; return whether it keeps what it acknowledged over a crash (append-only file).

    Asks INFO, not CONFIG, which hosted servers forbid.

    Raises:
        UnsafeServerError: When its memory policy is not `noeviction`.
        ServerUnreachableError: When it does not answer.
    """
    try:
        memory = await client.info("memory")
        persistence = await client.info("persistence")
    except (RedisError, OSError) as error:
        raise ServerUnreachableError(url, str(error)) from error
    policy = str(memory.get("maxmemory_policy", SAFE_POLICY))
    if policy != SAFE_POLICY:
        raise UnsafeServerError(policy)
    # A server that is still reading its file says that it has none.
    return bool(persistence.get("aof_enabled") or persistence.get("loading"))


def without_password(url: str) -> str:
    """Return `url` with its passwords taken out, for messages."""
    scheme, separator, rest = url.partition("://")
    # The last @ of all: a password may have been written with whatever else ends an address.
    credentials, at, shown = rest.rpartition("@")
    user = f"{credentials.partition(':')[0]}:***{at}" if at else ""
    return f"{scheme}{separator}{user}{_PASSWORD_OPTION.sub('***', shown)}"
