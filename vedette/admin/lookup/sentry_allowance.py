"""Reads how much of Sentry's rate limits is in use: for each kind of call what Sentry allows and what is under way."""

from dataclasses import dataclass
from typing import Final

from vedette.admin.session import AdminSession
from vedette.api.rate_limits.limiter import AssumedLimits, bucket_keys
from vedette.api.tokens import UnusableTokenError, credential
from vedette.api.transport.stack import account
from vedette.settings.settings import DEFAULT_INTEGRATION, SettingsError
from vedette.store.server.clock import server_time

BUCKETS: Final = ("GET", "PUT", "POST", "DELETE")
_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True)
class SentryAllowance:
    """One kind of call of one account, and how much of what Sentry allows is in use."""

    account: str
    """Host and organization."""
    bucket: str
    """A method of HTTP."""
    sent: int
    """Calls of the last window."""
    limit: int
    """Calls that a window allows."""
    in_flight: int
    """Calls without an answer yet."""
    concurrent: int
    """Calls that may be under way at once."""
    is_stated: bool
    """Return whether Sentry has stated the limit; else it is assumed."""
    held: float
    """Seconds for which a 429 still holds calls back; 0 for none."""


async def read_sentry_allowance(session: AdminSession) -> list[SentryAllowance]:
    """Return the allowance of each account that the settings name, for the kinds of calls that it has made.

    Raises:
        redis.exceptions.RedisError: The server gives no answer.
    """
    now = round(await server_time(session.redis) * _MICROSECONDS)
    found: list[SentryAllowance] = []
    for name in _accounts(session):
        found += [one for bucket in BUCKETS if (one := await _read(session, name, bucket, now)) is not None]
    return found


async def _read(session: AdminSession, name: str, bucket: str, now: int) -> SentryAllowance | None:
    assumed, redis = AssumedLimits(), session.redis
    state, grants, flying, _ = bucket_keys(name, bucket)
    known = {field.decode(): value for field, value in (await redis.hgetall(state)).items()}
    if not known:
        return None
    return SentryAllowance(
        name,
        bucket,
        await redis.zcount(grants, now - round(assumed.window * _MICROSECONDS), "+inf"),
        int(known.get("limit") or assumed.requests),
        await redis.zcount(flying, now - round(assumed.lease * _MICROSECONDS), "+inf"),
        int(known.get("concurrent") or assumed.concurrent),
        "limit" in known,
        max(0.0, (float(known.get("hold") or 0) - now) / _MICROSECONDS),
    )


def _accounts(session: AdminSession) -> list[str]:
    names: dict[str, None] = {}
    for integration in tuple(session.settings.integrations) or (DEFAULT_INTEGRATION,):
        try:
            found = session.integration_settings(integration)
            names[account(found.sentry_url, found.organization or "", credential(found.token or ""))] = None
        except (SettingsError, UnusableTokenError):
            # It cannot make calls; the checks say why.
            continue
    return list(names)
