"""Connections to Redis, and whether a server may be trusted with deliveries.

Measured: a server with an evicting policy acknowledged 3000 messages and kept 7. So nothing starts on one.
"""

from redis.exceptions import NoPermissionError, RedisError

from vedette._core.user_error import UserError
from vedette.store.server.client import RedisClient
from vedette.store.server.failover import client_in_loop
from vedette.store.server.keys import PREFIX
from vedette.store.server.url import without_password

SAFE_POLICY = "noeviction"
_PROBE = f"{PREFIX}probe"


class UnsafeServerError(UserError):
    """The server may lose acknowledged writes."""

    exit_code = 2

    def __init__(self, policy: str) -> None:
        self.policy = policy
        super().__init__(
            f"Redis runs with maxmemory-policy {policy}, which throws deliveries away when memory is short: "
            f"set `maxmemory-policy {SAFE_POLICY}` in its configuration and start again"
        )


class NotPermittedError(UnsafeServerError):
    """The user that the URL names lacks permissions that Vedette needs."""

    def __init__(self, refusal: str) -> None:
        self.refusal = refusal
        UserError.__init__(
            self,
            f"Redis does not let Vedette's user write ({refusal}): give it the permissions with "
            "`ACL SETUSER NAME ~{vedette}:* +@all -@admin -@dangerous +info`, or correct VEDETTE_REDIS_URL "
            "(`redis_url` in vedette.toml)",
        )


class ServerUnreachableError(UserError):
    """No server answers at the URL."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = without_password(url)
        self.reason = reason
        super().__init__(
            f"Redis does not answer at {self.url} ({reason}): start it, or correct VEDETTE_REDIS_URL "
            "(`redis_url` in vedette.toml)"
        )


def open_redis(url: str, *, timeout: float = 5.0) -> RedisClient:
    """Return a client for `url` (see `vedette.store.server.url`); it connects when it is first used.

    Args:
        url: The URL of the server, or of those that know its address.
        timeout: How long to wait for a connection or an answer, in seconds. A failed command is not repeated:
            only its sender knows whether it may be.

    Raises:
        RedisUrlError: When the URL cannot be used.
    """
    client: RedisClient = client_in_loop(url, timeout)
    return client


async def check_server(client: RedisClient, url: str) -> bool:
    """Refuse a server that evicts or may not be written to; return whether it has an append-only file.

    With one, acknowledged writes survive a crash.

    Asks INFO, not CONFIG, which hosted servers forbid.

    Raises:
        UnsafeServerError: When its memory policy is not `noeviction`.
        NotPermittedError: When the URL's user may not read or write.
        ServerUnreachableError: When it does not answer.
    """
    try:
        memory = await client.info("memory")
        persistence = await client.info("persistence")
    except NoPermissionError as error:
        raise NotPermittedError(str(error)) from None
    except (RedisError, OSError) as error:
        raise ServerUnreachableError(url, str(error)) from error
    policy = str(memory.get("maxmemory_policy", SAFE_POLICY))
    if policy != SAFE_POLICY:
        raise UnsafeServerError(policy)
    await _check_rights(client)
    # A server that is still reading its file says that it has none.
    return bool(persistence.get("aof_enabled") or persistence.get("loading"))


async def _check_rights(client: RedisClient) -> None:
    try:
        await client.set(_PROBE, "1", px=1000)
    except NoPermissionError as error:
        raise NotPermittedError(str(error)) from None
    except (RedisError, OSError):
        # Full, read-only or gone: that is temporary, and reported at the operations that fail.
        pass
