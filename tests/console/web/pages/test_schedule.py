"""The page Schedule lists what waits, and cancels it."""

import pytest

from tests.conftest import connect
from tests.console.web.consoles import RunningConsole
from tests.recorded_deliveries import record_delivery
from vedette.store.runs.dead_letters import DeadLetters

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def add_waiting(console: RunningConsole, url: str, count: int) -> list[str]:
    with connect(url) as client:
        ids = [
            record_delivery(client, runs={"triage": {"state": "dead"}}, label=f"SHOP-{number}", issue=str(number))
            for number in range(count)
        ]
    for identifier in ids:
        await DeadLetters(console.redis).replay(identifier, "triage", delay=3600)
    return ids


async def test_what_waits_is_listed_and_cancelled(shown_console: RunningConsole, redis_url: str) -> None:
    first, second = await add_waiting(shown_console, redis_url, 2)
    page = (await shown_console.get("/schedule", role="viewer")).text
    assert page.count('aria-label="Look at delivery') == 2
    assert "Cancel" not in page
    narrowed = (await shown_console.get("/schedule?issue=SHOP-1")).text
    assert (first in narrowed, second in narrowed) == (False, True)
    entry = narrowed.partition('name="entry" value="')[2].partition('"')[0]
    assert (await shown_console.post("/schedule/cancel", {"entry": entry})).headers["location"] == "/schedule"
    assert second not in (await shown_console.get("/schedule")).text
    again = await shown_console.post("/schedule/cancel", {"entry": entry})
    note = f"vedette-note={again.cookies['vedette-note']}; {shown_console.headers()['Cookie']}"
    assert "is not in the schedule any more" in (await shown_console.get("/schedule", Cookie=note)).text
    orders = [one for one in await shown_console.entries() if one.kind == "order"]
    assert [one.text("intent") for one in orders] == [f"cancelled {entry}"] * 2
    assert orders[0].text("handler") == "triage"


async def test_fifty_are_a_page(shown_console: RunningConsole, redis_url: str) -> None:
    await add_waiting(shown_console, redis_url, 60)
    page = (await shown_console.get("/schedule?handler=triage")).text
    assert page.count('aria-label="Look at delivery') == 50
    later = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert (await shown_console.get(later)).text.count('aria-label="Look at delivery') == 10
