"""The client against the simulated Sentry 23.7.1: what that server lacks ends in no riddle."""

from collections.abc import AsyncIterator

import pytest

from tests.vedette.api.stub import serving
from vedette.api import Sentry
from vedette.api.differences import BY_REFUSAL, BY_ROUTE, DIFFERENCES
from vedette.api.errors import BadRequest, Forbidden, RouteMissing
from vedette.simulator import ErrorReport, World, create_app, record_error
from vedette.simulator.options import SimulatorOptions
from vedette.simulator.process import build_world
from vedette.simulator.world.server_profile import SELF_HOSTED_23

TOKEN = "sntryi_of_an_old_server"


@pytest.fixture
def world() -> World:
    world = build_world(SimulatorOptions(organization="acme", token=TOKEN), "http://127.0.0.1")
    world.profile = SELF_HOSTED_23
    for number in range(3):
        report = ErrorReport("ValueError", f"bad {number}", function=f"f{number}")
        record_error(world, world.project_by_slug["payments-api"], report)
    return world


@pytest.fixture
async def sentry(world: World) -> AsyncIterator[Sentry]:
    async with (
        serving(create_app(world)) as url,
        Sentry(organization="acme", token=TOKEN, base_url=url) as sentry,
    ):
        yield sentry


@pytest.fixture
def ids(world: World) -> list[str]:
    return [str(one.id) for one in world.issues.values() if one.project.slug == "payments-api"]


async def test_bulk_calls_work(sentry: Sentry, ids: list[str]) -> None:
    assert (await sentry.issues.merge(ids[:2])).changed
    assert [change.changed for change in await sentry.issues.delete_many(ids[2:])] == [True]
    with pytest.raises(BadRequest, match="numeric ids"):
        await sentry.issues.search(project=["payments-api"]).collect()


async def test_a_priority_that_is_dropped_is_told(sentry: Sentry, ids: list[str]) -> None:
    change = await sentry.issues.set_priority(ids[0], "high")
    assert change.unconfirmed == {"priority"}
    assert "priority" in sentry.server.dropped


async def test_missing_routes_are_named_and_remembered(sentry: Sentry, ids: list[str]) -> None:
    with pytest.raises(RouteMissing, match=r"Sentry 23\.7\.1 lacks it too"):
        await sentry.view(fresh=ids).issues.autofix(ids[0])
    with pytest.raises(RouteMissing, match="use `latest`"):
        await sentry.events.get_for_issue(ids[0], "recommended")
    with pytest.raises(RouteMissing):
        await sentry.alerts.workflows().collect()
    assert set(sentry.server.lacks) == {"issues.autofix", "events.get_for_issue/recommended", "alerts.workflows"}
    assert "Seer: no such route" in str(sentry.server)


async def test_the_log_of_webhooks_is_found_and_codeowners_are_explained(sentry: Sentry, world: World) -> None:
    app = next(iter(world.integrations))
    assert await sentry.apps.webhook_requests(app) == []
    with pytest.raises(Forbidden, match="refuse it to every token"):
        await sentry.projects.codeowners("payments-api")


def test_the_table_knows_what_the_simulated_server_lacks() -> None:
    assert SELF_HOSTED_23.missing <= set(BY_ROUTE)
    assert SELF_HOSTED_23.restricted == set(BY_REFUSAL)
    assert all(row.seen_in == (SELF_HOSTED_23.version,) for row in DIFFERENCES)
