"""The live list in a real browser: new rows, hold, one stream for all tabs, and a Redis that goes and comes back."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, expect

from tests.conftest import wait_for_server
from tests.console.web.browsers import watched_page
from tests.console.web.consoles import RunningConsole, make_settings, running_console
from tests.stored_world import StoredWorld
from vedette.store.server.embedded import find_server, server_command, socket_url

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

TABS: Final = 12
MOST_ROWS: Final = 200


async def act(world: StoredWorld, issue: str) -> str:
    """Store a delivery on which a handler acts."""
    delivery = await world.accept(issue)
    await world.plan(delivery, "triage")
    await world.end(delivery, "triage", "done", did=(f"resolved SHOP-{issue}",), effect="acted")
    return delivery


async def test_new_rows_appear_are_held_and_are_bounded(browser: Browser, shown_console: RunningConsole) -> None:
    world = StoredWorld(shown_console.redis)
    async with watched_page(browser, shown_console) as watched:
        page = watched.page
        await watched.open("/")
        await expect(page.locator("#live")).to_have_text("live")
        first = await act(world, "1")
        await expect(page.locator(f'[data-id="{first}"]')).to_contain_text("resolved SHOP-1")
        await page.get_by_role("button", name="Hold").click()
        await act(world, "2")
        await expect(page.locator("#more")).to_have_text("1 new")
        await expect(page.locator("#rows .row")).to_have_count(1)
        await page.locator("#more").click()
        await expect(page.locator("#rows .row")).to_have_count(2)
        await page.get_by_role("button", name="Hold").click()
        await page.get_by_role("radio", name="everything").check()
        await expect(page).to_have_url(f"{shown_console.url}/?show=everything")
        await expect(page.locator("#live")).to_have_text("live")
        for _ in range(5):
            await world.accept_all([world.record(str(number)) for number in range(60)])
            await expect(page.locator(f'[data-id="{world.ids[-1]}"]')).to_be_attached()
        assert await page.locator("#rows .row").count() <= MOST_ROWS


async def test_all_tabs_of_a_browser_share_one_stream(browser: Browser, shown_console: RunningConsole) -> None:
    world = StoredWorld(shown_console.redis)
    async with watched_page(browser, shown_console) as watched:
        pages = [watched.page, *[await watched.context.new_page() for _ in range(TABS - 1)]]
        for page in pages:
            await page.goto(f"{shown_console.url}/")
            await expect(page.locator("#live")).to_have_text("live")
        delivery = await act(world, "7")
        for page in pages:
            await expect(page.locator(f'[data-id="{delivery}"]')).to_be_attached(timeout=60_000)
        assert shown_console.services.live.streams <= 1


@pytest.fixture
def own_server() -> Iterator[list["subprocess.Popen[bytes]"]]:
    """A server that a test stops and starts; its process is the last of the list."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.send_signal(signal.SIGKILL)
        process.wait(10)


def start_server(folder: Path, processes: "list[subprocess.Popen[bytes]]") -> str:
    command = server_command(find_server(), folder, durable=False)
    processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True))
    url = socket_url(folder)
    wait_for_server(url)
    return url


async def test_while_redis_is_away_the_page_stays_and_orders_are_off(
    browser: Browser, tmp_path: Path, own_server: "list[subprocess.Popen[bytes]]"
) -> None:
    url = start_server(tmp_path, own_server)
    async with running_console(make_settings(url)) as console:
        delivery = await act(StoredWorld(console.redis), "1")
        async with watched_page(browser, console) as watched:
            watched.allowed = ("503",)
            page = watched.page
            await watched.open("/")
            await expect(page.locator("#live")).to_have_text("live")
            own_server[-1].send_signal(signal.SIGKILL)
            own_server.pop().wait(10)
            await expect(page.locator("#bar")).to_contain_text("Redis has not answered since")
            await expect(page.locator(f'[data-id="{delivery}"]')).to_be_visible()
            await expect(page.get_by_role("button", name="Pause all writes")).to_be_disabled()
            await watched.check_accessible()
            other = await watched.context.new_page()
            for path in ("/", "/deliveries", "/approvals", "/issues/SHOP-1", "/me"):
                answer = await other.goto(f"{console.url}{path}")
                assert answer is not None
                assert answer.status == 503
                await expect(other.get_by_role("heading", name="Redis does not answer")).to_be_visible()
            await other.close()
            ready = await console.http.get("/health/ready")
            assert ready.status_code == 503
            start_server(tmp_path, own_server)
            await expect(page.locator("#bar")).to_be_hidden(timeout=60_000)
            await expect(page.get_by_role("button", name="Pause all writes")).to_be_enabled()
