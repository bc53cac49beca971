"""Where the payload gives a project's id alone, the slug is read from Sentry, and errors are reported."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from vedette.api.errors import SentryError
from vedette.authoring.project_filter import ProjectFilter
from vedette.events import Event, parse, samples
from vedette.plugins.handler import Handler
from vedette.settings.settings import IntegrationSettings, Settings
from vedette.simulator import RateLimits, World, create_app
from vedette.simulator.world import builders
from vedette.testing.servers import served
from workers.dispatch.project_lookup import excluded_by_project
from workers.runtime import Runtime, make_runtime


@pytest.fixture
def world() -> World:
    made = World("acme", seed=1)
    team = builders.add_team(made, "payments")
    builders.add_project(made, "shop-web", teams=[team])
    return made


@pytest.fixture
async def runtime_with(world: World, redis_url: str) -> AsyncIterator[Callable[..., Runtime]]:
    """Makes the runtime of a worker with a token of some scopes."""
    runtimes: list[Runtime] = []
    with served(create_app(world, limits=RateLimits(manner="self-hosted"))) as url:

        def make(*scopes: str, at: str = url) -> Runtime:
            own = builders.add_integration(world, scopes=scopes)
            token = builders.add_token(world, "internal", scopes, integration=own)
            values = {"client_secret": "s" * 32, "token": token.secret, "organization": "acme", "sentry_url": at}
            settings = Settings(integrations={"default": IntegrationSettings.model_validate(values)})
            runtimes.append(make_runtime(settings, redis_url))
            return runtimes[-1]

        yield make
        for runtime in runtimes:
            await runtime.close()


def handler(*projects: str, off: tuple[str, ...] = ()) -> Handler:
    async def function() -> None: ...

    return Handler("alarm", function, ("*",), "here", "act", (), where=ProjectFilter(projects, off))


@pytest.fixture
def event(world: World) -> Event:
    identifier = world.project_by_slug["shop-web"].id
    return parse("error", samples.build("error.created", data__error__project=identifier))


async def test_the_slug_is_looked_up(runtime_with: Callable[..., Runtime], event: Event) -> None:
    runtime = runtime_with("project:read")
    assert await excluded_by_project(runtime, "default", event, [handler("shop-*")]) == {}
    told = await excluded_by_project(runtime, "default", event, [handler("bank")])
    assert told == {"alarm": 'it is not on for project shop-web (projects = ["bank"])'}
    assert (
        "off for project shop-web"
        in (await excluded_by_project(runtime, "default", event, [handler(off=("shop-*",))]))["alarm"]
    )


async def test_what_cannot_be_looked_up_is_told_and_an_id_that_is_named_need_not_be(
    runtime_with: Callable[..., Runtime], event: Event
) -> None:
    runtime, identifier = runtime_with("event:read"), str(event.project.id)
    assert "so name the id" in (await excluded_by_project(runtime, "default", event, [handler("shop-*")]))["alarm"]
    assert await excluded_by_project(runtime, "default", event, [handler(identifier)]) == {}
    assert await excluded_by_project(runtime, "default", event, [handler(off=(identifier,))]) != {}


async def test_while_sentry_is_away_it_is_put_off(runtime_with: Callable[..., Any], event: Event) -> None:
    with pytest.raises(SentryError) as caught:
        await excluded_by_project(
            runtime_with("project:read", at="http://127.0.0.1:9"), "default", event, [handler("shop-*")]
        )
    assert caught.value.retryable
