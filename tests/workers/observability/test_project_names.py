"""A project that handlers' settings name and Sentry does not have is reported once a worker has started."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from vedette.settings.settings import Settings
from vedette.simulator import RateLimits, World, create_app
from vedette.simulator.world import builders
from vedette.store.access.handler_roster import read_roster
from vedette.testing.servers import served
from workers.runtime import Runtime, make_runtime

TABLE = {
    "projects": ["shop-web", "chekout"],
    "except_projects": ["shop-wbe", "bank-*"],
    "modes": {"shop-we": "observe", "*": "act"},
    "grant": {"scopes": ["event:read"], "projects": ["shop-web"]},
}
Make = Callable[..., Runtime]


@pytest.fixture
async def started(redis_url: str) -> AsyncIterator[Make]:
    """Makes the runtime of a worker with a token of some scopes, with settings for triage."""
    world = World("acme", seed=1)
    team = builders.add_team(world, "payments")
    for slug in ("shop-web", "checkout"):
        builders.add_project(world, slug, teams=[team])
    runtimes: list[Runtime] = []
    with served(create_app(world, limits=RateLimits(manner="self-hosted"))) as url:

        def make(*scopes: str, at: str = url, table: dict[str, Any] = TABLE) -> Runtime:
            own = builders.add_integration(world, scopes=scopes)
            token = builders.add_token(world, "internal", scopes, integration=own)
            values = {"client_secret": "s" * 32, "token": token.secret, "organization": "acme", "sentry_url": at}
            settings = Settings.model_validate({"integrations": {"default": values}, "handlers": {"triage": table}})
            runtimes.append(make_runtime(settings, redis_url))
            return runtimes[-1]

        yield make
        for runtime in runtimes:
            await runtime.close()


async def told(runtime: Runtime) -> dict[str, str]:
    """What `vedette handlers` shows once the worker has looked."""
    await runtime.start()
    assert runtime.checking is not None
    await asyncio.wait_for(runtime.checking, 60)
    roster = await read_roster(runtime.client)
    assert roster is not None
    return {problem.source: problem.reason for problem in roster.problems}


async def test_each_place_that_names_one_is_told_with_the_nearest(started: Make) -> None:
    assert await told(started("org:read", "project:read")) == {
        "[handlers.triage] projects": "Sentry has no project chekout: did you mean checkout?",
        "[handlers.triage] except_projects": "Sentry has no project shop-wbe: did you mean shop-web?",
        "[handlers.triage] modes": "Sentry has no project shop-we: did you mean shop-web?",
    }


async def test_nothing_is_said_where_sentry_does_not_tell_or_nothing_is_named(started: Make) -> None:
    assert await told(started("event:read")) == {}
    assert await told(started("org:read", at="http://127.0.0.1:9")) == {}
    assert await told(started("org:read", table={"projects": ["shop-*"]})) == {}
