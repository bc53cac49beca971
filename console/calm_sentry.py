"""A way to Sentry for commands that ask much and can wait, whether or not Vedette is running here."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from redis.exceptions import RedisError

from console.instance import Instance
from console.known_names import UnknownNameError
from vedette.api import RetryPolicy, Sentry, SentryConnection
from vedette.api.errors import Forbidden, NotAuthorized, NotFound
from vedette.rules.backtest.transports import PacedTransport
from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis


@asynccontextmanager
async def redis_if_up(place: Instance) -> AsyncGenerator[RedisClient | None]:
    """Redis, where all processes share Sentry's limit; None where it is not running."""
    client = open_redis(place.redis_url)
    try:
        answers = True
        try:
            await client.ping()
        except (RedisError, OSError):
            answers = False
        yield client if answers else None
    finally:
        await client.aclose()


@asynccontextmanager
async def calm_sentry(place: Instance, integration: str, client: RedisClient | None) -> AsyncGenerator[Sentry]:
    """An integration's Sentry; paced by itself where there is no Redis to share the limit in."""
    settings = place.integration(integration)
    assert settings.organization is not None
    assert settings.token is not None
    connection = SentryConnection(
        organization=settings.organization,
        token=settings.token,
        base_url=settings.sentry_url,
        redis=client,
        retries=RetryPolicy(patience=120.0, total=300.0),
    )
    async with connection:
        transport = connection if client is not None else PacedTransport(connection)
        yield Sentry(organization=settings.organization, transport=transport)


async def check_projects(sentry: Sentry, projects: Collection[str]) -> None:
    """Refuse a project that Sentry does not have; where it does not tell its projects, the calls that follow say so.

    Raises:
        UnknownNameError: With the nearest one.
    """
    if not projects:
        return
    try:
        known = {project.slug async for project in sentry.organizations.projects()}
    except (Forbidden, NotAuthorized, NotFound):
        return
    for project in projects:
        if project not in known:
            raise UnknownNameError("project", project, known)
