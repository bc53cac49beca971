"""The installed clients, and a gateway with four agents: one for each stage of access."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.clients.install import clients_folder
from tests.clients.programs import Clients
from tests.gateway.gateways import RunningGateway, Seen, running_gateway
from vedette.simulator.world import builders, monitors
from vedette.simulator.world.projects import Commit, Deploy
from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis

AREAS = ("issues", "projects", "teams", "releases", "members", "alerts", "organization")
READS = dict.fromkeys(AREAS, "read")
WRITES = {
    **READS,
    **dict.fromkeys(("triage", "destroy-issues", "projects", "teams", "releases"), "full"),
}
AGENTS: Mapping[str, Any] = {
    "nobody": {"mode": "act"},
    "reader": {"mode": "act", "may": READS},
    "proposer": {"may": WRITES},
    "actor": {"mode": "act", "may": WRITES},
    "limited": {"mode": "act", "may": READS, "grant": {"projects": ["shop"]}},
    "careful": {"mode": "act", "may": WRITES, "grant": {"bulk": 1}},
}
"""The first four are the stages of access. The proposer says no mode: to propose is what an agent does unless told."""


@pytest.fixture(scope="session")
def installed() -> Path:
    """The folder of the installed clients; without it a test is skipped, but never in CI."""
    folder = clients_folder()
    if not folder.is_dir():
        reason = "the clients are not installed: run `python tests/clients/install.py`, which `make test` does"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and CI must have them")
        pytest.skip(reason)
    return folder


@pytest.fixture
async def redis_client(redis_url: str) -> AsyncIterator[RedisClient]:
    client = open_redis(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
async def gateway(redis_url: str, redis_client: RedisClient, installed: Path) -> AsyncIterator[RunningGateway]:
    """A gateway on a real socket, in front of a simulated Sentry in which there is something of everything.

    No client may get past it: whatever reaches Sentry is sent by Vedette.
    """
    assert installed
    async with running_gateway(redis_url, redis_client, AGENTS) as running:
        _fill(running)
        yield running
        assert [each.target for each in running.sentry.seen if not _is_of_vedette(each)] == []


@pytest.fixture
def client_of(gateway: RunningGateway, installed: Path, tmp_path: Path) -> Callable[[str], Clients]:
    """Return the clients of an agent; each agent has a home of its own."""

    def make(agent: str) -> Clients:
        home = tmp_path / agent
        home.mkdir(exist_ok=True)
        return Clients(installed, home, gateway.url, gateway.tokens[agent])

    return make


def _is_of_vedette(seen: Seen) -> bool:
    """Return whether a request came through the gateway, and not past it with an agent's token."""
    return seen.headers["user-agent"].startswith("vedette/") and "vdta_" not in str(seen.headers)


def _fill(gateway: RunningGateway) -> None:
    world = gateway.world
    shop, now = world.project_by_slug["shop"], world.clock()
    commit = Commit("a" * 40, "acme/shop", "Tidy up", "Inés", "ines@acme.example", now)
    builders.add_repository(world, "acme/shop", [commit])
    release = builders.add_release(world, "shop@1.0", [shop], commits=[commit])
    release.deploys.append(Deploy(world.next_id("deploy"), "production", now))
    builders.add_team(world, "search")
    job = monitors.add_monitor(world, shop, "nightly", "Nightly work")
    monitors.check_in(world, job, "missed", ago=timedelta(hours=1))
    page = monitors.add_url_monitor(world, shop, "https://shop.example/health", "Shop is up")
    monitors.check_url(world, page, 200)
    monitors.add_dashboard(world, "Checkout health")
    monitors.add_metric_rule(world, shop, "Many errors")
