"""A scheduled rule in a real worker: it is due, and a stale issue of the simulated Sentry is resolved."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from vedette.simulator import World, create_app
from vedette.simulator.demo.shop import build_shop
from vedette.simulator.options import TOKEN_SCOPES
from vedette.simulator.world import builders
from vedette.simulator.world.incidents import record_error
from vedette.simulator.world.issues import ErrorReport
from vedette.store.queues.cron_jobs import CronJobs, JobKey
from vedette.store.server.server_check import open_redis
from vedette.testing.servers import served

Until = Callable[..., Any]
RULES = """
[[rule]]
name = "stale issues resolved"
schedule = "0 6 1 1 *"
search = "is:unresolved lastSeen:+30d"
then = [{ resolve = "now" }]
"""


def test_a_stale_issue_is_resolved_when_its_time_has_come(site: Any, redis_url: str, until: Until) -> None:
    world = World("harbour-shop", seed=1)
    build_shop(world)
    token = builders.add_token(world, "internal", TOKEN_SCOPES, integration=builders.add_integration(world))
    for issue in world.issues.values():
        issue.last_seen = world.clock()
    event = record_error(world, world.project_by_slug["storefront"], ErrorReport("Error", "old", "a.js", "f"))
    assert event is not None
    event.issue.last_seen -= timedelta(days=31)
    before = {issue.id: issue.status for issue in world.issues.values()}

    async def miss() -> None:
        client = open_redis(redis_url)
        job = JobKey("triage", "default", "0 6 1 1 *", "UTC")
        await CronJobs(client).arm(job, "", datetime.now(UTC) - timedelta(days=366))
        await client.aclose()

    asyncio.run(miss())
    site.plugin("")
    (site.folder / "triage.toml").write_text(RULES)
    with served(create_app(world)) as url:
        site.variables |= {
            "VEDETTE_HANDLERS__TRIAGE__ENABLED": "true",
            "VEDETTE_CONFIG": str(site.folder / "vedette.toml"),
            "VEDETTE_ORGANIZATION": world.organization_slug,
            "VEDETTE_SENTRY_URL": url,
            "VEDETTE_TOKEN": token.secret,
        }
        (site.folder / "vedette.toml").touch()
        site.start()
        until(lambda: site.states("triage") == {"done": 1})
    assert {issue.id: issue.status for issue in world.issues.values()} == before | {event.issue.id: "resolved"}
    audit = [json.loads(fields["entry"]) for _, fields in site.client.xrange("{vedette}:audit")]
    assert [one["because"] for one in audit if one.get("because")] == ["rule stale issues resolved"]
