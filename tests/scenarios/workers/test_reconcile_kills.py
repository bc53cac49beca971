"""Workers are killed at chosen points of a sweep; whatever the others find, each lost webhook is rebuilt once.

The points: before anything is stored, between two deliveries, when all is stored and what issues look like is not, and
when only the watermark is missing.
"""

import asyncio
import os
import signal
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.scenarios.workers.redis_proxy import Point, redis_proxy
from tests.workers.conftest import Site
from vedette.events.identification import identify
from vedette.reconcile.state import ReconcileStates
from vedette.simulator import Actor, ErrorReport, RateLimits, World, create_app, notes, population, record_error, status
from vedette.simulator.webhooks.webhook import Webhook
from vedette.store.server.keys import DELIVERIES, RECONCILED, pictures_key, reconcile_key
from vedette.store.server.scripts import script
from vedette.store.server.server_check import open_redis
from vedette.testing.servers import served

if TYPE_CHECKING:
    import subprocess

HANDLER = """
@on("issue.created", "issue.resolved", "comment.created", order=False)
async def each(event: Event, ctx: Context) -> None:
    note(f"{event.name} {ctx.delivery}")
"""
PATIENCE = 60.0


def hset(key: str) -> bytes:
    """The beginning of a command that writes into a hash."""
    return b"$4\r\nHSET\r\n$%d\r\n%b\r\n" % (len(key), key.encode())


# The number of arrivals, which the script gets with each rebuilt delivery and with no other.
REBUILT = b"$2\r\n=0\r\n"
POINTS: dict[str, dict[str, Any]] = {
    "before the first is stored": {"text": REBUILT},
    "before the fourth is stored": {"text": REBUILT, "number": 4},
    "when the sixth is stored, before the answer": {"text": REBUILT, "number": 3, "is_sent": True},
    "when all is stored, before what issues look like": {"text": hset(pictures_key("default"))},
    "before the watermark": {"text": hset(RECONCILED)},
}
STORED = {"before the first is stored": 0, "before the fourth is stored": 3}


def lose_webhooks(world: World, clock: list[datetime]) -> list[str]:
    """Let things happen of which no webhook arrives; their occurrences."""
    lost: list[str] = []

    def hear(webhook: Webhook) -> None:
        if webhook.resource in {"issue", "comment"}:
            lost.append(identify(webhook.resource, webhook.body(integration)).occurrence)

    team = population.add_team(world, "payments")
    project = population.add_project(world, "shop", teams=[team])
    person = population.add_member(world, "mei@shop.example", "Mei Ito", teams=[team]).user
    integration = population.add_integration(world, "vedette")
    assert person is not None
    doer = Actor(user=person)
    world.listeners.append(hear)
    for number in range(6):
        clock[0] += timedelta(minutes=1)
        event = record_error(world, project, ErrorReport("ValueError", f"no. {number}", function=f"f{number}"))
        assert event is not None
        clock[0] += timedelta(seconds=20)
        if number % 2:
            status.resolve(world, event.issue, doer)
        else:
            notes.comment(world, event.issue, doer, "seen it")
    return lost


async def watermark(url: str) -> datetime | None:
    client = open_redis(url)
    try:
        return (await ReconcileStates(client, "default").read()).watermark
    finally:
        await client.aclose()


async def begin(url: str, at: datetime) -> None:
    """Note that sweeps began at a time."""
    client = open_redis(url)
    try:
        await ReconcileStates(client, "default").begin(at)
    finally:
        await client.aclose()


@pytest.mark.timeout(600)
def test_each_lost_webhook_is_rebuilt_once_wherever_workers_are_killed(
    redis_url: str, tmp_path: Path, until: Callable[..., Any]
) -> None:
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    clock = [began + timedelta(minutes=2)]
    world = World("acme", clock=lambda: clock[0], seed=1)
    own = population.add_integration(world, "reader")
    token = population.add_token(world, "internal", own.scopes, integration=own)
    lost = lose_webhooks(world, clock)
    asyncio.run(begin(redis_url, began))
    site = Site(redis_url, tmp_path)
    # Else the first delivery passes twice, the first time without effect.
    site.client.script_load(script("deliveries/accept"))
    with (
        served(create_app(world, limits=RateLimits(manner="self-hosted"))) as sentry_url,
        redis_proxy(redis_url) as proxy,
    ):
        world.base_url = sentry_url
        site.plugin(HANDLER)
        site.variables = {
            "VEDETTE_REDIS_URL": proxy.url,
            "VEDETTE_SENTRY_URL": sentry_url,
            "VEDETTE_TOKEN": token.secret,
            "VEDETTE_RECONCILE__ENABLED": "true",
            "VEDETTE_RECONCILE__INTERVAL": "1",
            "VEDETTE_HANDLERS__EACH__MODE": "observe",
        }
        try:
            for name, about in POINTS.items():
                _kill_at(site, proxy, about, until)
                stored = site.client.zcard(DELIVERIES)
                assert stored == STORED.get(name, stored), name
                assert stored <= len(lost)
                assert asyncio.run(watermark(redis_url)) == began, name
            assert site.client.zcard(DELIVERIES) == len(lost)

            proxy.watch(None)
            _start(site)
            until(lambda: asyncio.run(watermark(redis_url)) != began, PATIENCE)
            until(lambda: len(_handled(site)) == len(lost), PATIENCE)
            assert site.client.zcard(DELIVERIES) == len(lost)
            handled = Counter(names[0] for names in _handled(site).values())
            assert handled == Counter(occurrence.partition(" ")[0] for occurrence in lost)
            assert len(set(lost)) == len(lost)
        finally:
            site.close()


def _kill_at(site: Site, proxy: Any, about: dict[str, Any], until: Callable[..., Any]) -> None:
    """Start a worker, and kill it at a point of its sweep."""
    process = _start(site)
    point = Point(act=lambda: os.killpg(process.pid, signal.SIGKILL), **about)
    proxy.watch(point)
    until(point.reached.is_set, PATIENCE)
    assert process.wait(10) == -signal.SIGKILL


def _start(site: Site) -> "subprocess.Popen[bytes]":
    """Start a worker when the lease of one that was killed has run out, which takes a minute."""
    site.client.delete(f"{reconcile_key('default')}:lease")
    return site.start()


def _handled(site: Site) -> dict[str, list[str]]:
    """The names of events by the delivery that a handler was called with; one whose worker died is called again."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, delivery in (line.split(" ") for line in site.notes()):
        found[delivery].append(name)
    return found
