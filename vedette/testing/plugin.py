"""The pytest plugin; installed with Vedette, it gives every test the fixture `sentry_world`."""

from collections.abc import Iterator

import pytest

from vedette.settings.settings import IntegrationSettings
from vedette.simulator import RateLimits, World, create_app
from vedette.simulator.demo.sample_issue import add_sample_issue
from vedette.simulator.demo.shop import build_shop
from vedette.simulator.options import TOKEN_SCOPES
from vedette.simulator.world import builders
from vedette.testing.sentry_world import SentryWorld
from vedette.testing.servers import empty, redis_in, served


@pytest.fixture(scope="session")
def vedette_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a Redis for this test session."""
    with redis_in(tmp_path_factory.mktemp("vedette")) as url:
        yield url


@pytest.fixture
def sentry_world(vedette_redis: str) -> Iterator[SentryWorld]:
    """Return a simulated Sentry with the samples' issue, new for each test: `sentry_world.deliver(handler, sample)`."""
    empty(vedette_redis)
    world = World("harbour-shop", seed=1)
    build_shop(world)
    add_sample_issue(world)
    own = builders.add_integration(world, scopes=TOKEN_SCOPES)
    token = builders.add_token(world, "internal", TOKEN_SCOPES, integration=own)
    with served(create_app(world, limits=RateLimits(manner="self-hosted"))) as url:
        values = {"client_secret": own.client_secret, "token": token.secret, "organization": world.organization_slug}
        yield SentryWorld(world, IntegrationSettings.model_validate({**values, "sentry_url": url}), vedette_redis)
