"""Failed runs are retried and discarded: one, or a group after a plan, with progress and a stop."""

import pytest
from playwright.async_api import Browser, expect

from tests.conftest import connect
from tests.console.web.browsers import watched_page
from tests.console.web.consoles import RunningConsole
from tests.recorded_deliveries import record_delivery
from vedette.admin.bulk.bulk_orders import get_bulk_job
from vedette.admin.dead_groups import group_letters
from vedette.store.runs.dead_letters import DeadLetters

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
_FOR = 60
"""Seconds that a test waits for something at most."""


def record_dead(url: str, count: int, error: str = "SentryError: 502 of SHOP-{}", handler: str = "triage") -> list[str]:
    with connect(url) as client:
        return [
            record_delivery(
                client,
                runs={handler: {"state": "dead", "error": error.format(number), "ended": "1700000000000"}},
                label=f"SHOP-{number}",
                issue=str(number),
            )
            for number in range(1, count + 1)
        ]


async def group_id(console: RunningConsole) -> str:
    return group_letters(await DeadLetters(console.redis).latest())[0].id


async def test_runs_with_one_cause_are_one_group(shown_console: RunningConsole, redis_url: str) -> None:
    record_dead(redis_url, 3)
    record_dead(redis_url, 1, "ValueError: other", "notify")
    page = (await shown_console.get("/failed", role="viewer")).text
    assert page.count('class="card part bad"') == 2
    assert "3 runs" in page
    assert "4 runs failed for good" in page
    assert "Retry…" not in page
    narrowed = (await shown_console.get("/failed?handler=notify")).text
    assert narrowed.count('class="card part bad"') == 1
    assert "vedette dead --by error --handler notify" in narrowed


async def test_one_run_is_retried_and_another_discarded(shown_console: RunningConsole, redis_url: str) -> None:
    first, second = record_dead(redis_url, 2)
    retried = await shown_console.post("/failed/run", {"run": f"{first}:triage", "action": "retry", "back": "/failed"})
    assert (retried.status_code, retried.headers["location"]) == (303, "/failed")
    assert (
        await shown_console.post("/failed/run", {"run": f"{second}:triage", "action": "discard"})
    ).status_code == 303
    assert await DeadLetters(shown_console.redis).latest() == []
    intents = [one.text("intent") for one in await shown_console.entries() if one.kind == "order"]
    assert intents == [f"replayed triage on {first}", f"discarded triage on {second}"]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/failed/run", {"run": "nothing", "action": "retry"}),
        ("/failed/run", {"run": "a:b", "action": "explode"}),
        ("/failed/start", {"action": "retry", "until": ""}),
        ("/failed/start", {"action": "retry", "until": "-5"}),
        ("/failed/start", {"action": "", "until": "5"}),
    ],
)
async def test_orders_that_are_none_change_nothing(
    shown_console: RunningConsole, redis_url: str, path: str, form: dict[str, str]
) -> None:
    record_dead(redis_url, 1)
    assert (await shown_console.post(path, form)).status_code == 400
    assert await shown_console.entries() == []
    assert len(await DeadLetters(shown_console.redis).latest()) == 1


async def test_an_order_leaves_runs_that_failed_after_its_plan(shown_console: RunningConsole, redis_url: str) -> None:
    record_dead(redis_url, 2)
    answer = await shown_console.post("/failed/start", {"action": "discard", "until": "1600000000000"})
    assert answer.headers["location"] == "/failed"
    assert len(await DeadLetters(shown_console.redis).latest()) == 2


async def test_a_group_is_planned_confirmed_and_followed_to_its_end(
    browser: Browser, shown_console: RunningConsole, redis_url: str
) -> None:
    record_dead(redis_url, 12)
    async with watched_page(browser, shown_console) as watched:
        page = watched.page
        await watched.open("/failed")
        await page.get_by_role("link", name="Retry group").click()
        await expect(page.get_by_role("heading", name="Retry 12 failed runs")).to_be_visible()
        assert len(await DeadLetters(shown_console.redis).latest()) == 12
        await page.get_by_role("button", name="Retry 12 runs").click()
        await expect(page.get_by_role("heading", name="Done")).to_be_visible(timeout=_FOR * 1000)
        await watched.check_accessible()
    assert await DeadLetters(shown_console.redis).latest() == []
    (order, outcome) = await shown_console.entries()
    assert order.text("intent") == "replayed 12 dead runs of triage"
    assert order.text("decision") == "ordered by a operator"
    assert outcome.facts["done"] == 12


async def test_an_order_is_stopped_on_its_way(shown_console: RunningConsole, redis_url: str) -> None:
    record_dead(redis_url, 500)
    group = await group_id(shown_console)
    form = {"action": "discard", "group": group, "until": "1900000000000"}
    location = (await shown_console.post("/failed/start", form)).headers["location"]
    job = location.rpartition("/")[2]
    assert (await shown_console.post(f"/jobs/{job}/stop", role="viewer")).status_code == 403
    assert (await shown_console.post(f"/jobs/{job}/stop")).headers["location"] == location

    await shown_console.services.bulk.wait()
    found = await get_bulk_job(shown_console.services.admin_session("ann"), job)
    assert found is not None
    assert found.state == "stopped"
    assert found.done < 500
    assert len(await DeadLetters(shown_console.redis).latest(limit=500)) == 500 - found.done
    page = (await shown_console.get(location, role="viewer")).text
    assert "Stopped" in page
    assert f"<dd>{found.done}</dd>" in page
    assert (await shown_console.get("/jobs/nothing")).status_code == 404
