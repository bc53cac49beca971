"""Sentry clients for commands that make many calls, with or without a running instance."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from redis.exceptions import RedisError

from console.instance import Instance
from vedette.admin.names import UnknownNameError
from vedette.api import RetryPolicy, Sentry, SentryConnection
from vedette.api.errors import Forbidden, NotAuthorized, NotFound
from vedette.rules.backtest.transports import PacedTransport
from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis


@asynccontextmanager
async def optional_redis(instance: Instance) -> AsyncGenerator[RedisClient | None]:
    """Open Redis, where all processes share the rate limit; None if no server answers."""
    client = open_redis(instance.redis_url)
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
async def paced_sentry(instance: Instance, integration: str, client: RedisClient | None) -> AsyncGenerator[Sentry]:
    """Open the Sentry of an integration; without Redis the client paces its calls alone."""
    settings = instance.integration(integration)
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
    """Check that Sentry has these projects; a token that may not list projects fails in the calls that follow.

    Raises:
        UnknownNameError: A project does not exist; the error suggests the nearest one.
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
