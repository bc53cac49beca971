"""People sign in, find out why, approve, undo, pause and resume: by keyboard alone, and without JavaScript."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.conftest import connect
from tests.console.web.browsers import watched_page
from tests.console.web.consoles import RunningConsole, make_settings, running_console
from tests.console.web.filled import proposal
from tests.gateway.gateways import add_issue, make_world
from tests.http_servers import serving
from tests.recorded_deliveries import record_delivery
from vedette.access.context import make_policy_services
from vedette.settings.settings import Settings
from vedette.simulator import Issue, create_app
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler, write_roster
from vedette.store.console.account import Account

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


@dataclass
class Shop:
    """A console before a simulated Sentry with one issue, which a rule wants to resolve."""

    console: RunningConsole
    issue: Issue
    label: str

    @property
    def status(self) -> str:
        return self.issue.status

    async def link(self) -> str:
        return f"/in/{await self.console.services.links.create(Account('inga', 'operator'))}"

    async def orders(self) -> list[str]:
        """Who decided what, the oldest first."""
        return [entry.text("decision") for entry in await self.console.entries() if entry.kind != "outcome"]


@pytest_asyncio.fixture(loop_scope="session")
async def shop(redis_url: str) -> AsyncIterator[Shop]:
    world, token = make_world()
    issue = add_issue(world, "shop", "PaymentGatewayError")
    async with serving(create_app(world)) as sentry_url:
        settings = make_settings(redis_url, sentry_url=sentry_url)
        integration = settings.integrations["default"].model_dump() | {"token": token, "client_secret": "s" * 32}
        settings = Settings.model_validate(settings.model_dump() | {"integrations": {"default": integration}})
        async with running_console(settings) as console:
            label = issue.short_id
            with connect(redis_url) as client:
                run = {"state": "done", "effect": "proposed", "mode": "propose", "did": '["would have resolved it"]'}
                delivery = record_delivery(client, runs={"triage": run}, label=label, issue=str(issue.id))
            roster = HandlerRoster((RosterHandler("triage", ("issue.created",), "propose", "vedette"),), ())
            await write_roster(console.redis, roster)
            waiting = proposal(
                label=label,
                issues=(str(issue.id),),
                parameters={"organization_id_or_slug": "acme", "issue_id": str(issue.id)},
                body={"status": "resolved"},
                before={str(issue.id): {"status": "unresolved"}},
                intent=f"resolved {label}",
                delivery=delivery,
                because="rule noise",
            )
            await make_policy_services(console.redis, settings.access).proposals.propose(waiting)
            yield Shop(console, issue, label)


async def press(page: Page, *keys: str) -> None:
    """Press keys one after the other, once the page's scripts listen to them."""
    await expect(page.locator("html.js")).to_be_attached()
    for key in keys:
        await page.keyboard.press(key)


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until a control of this name has the focus."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(
            "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
        )
        if focused is not None and focused.strip() == name:
            return
    raise AssertionError(f"Tab does not lead to {name}")


async def test_by_keyboard_alone(browser: Browser, shop: Shop) -> None:
    async with watched_page(browser, shop.console, role=None, viewport={"width": 1280, "height": 900}) as watched:
        page = watched.page
        await watched.open(await shop.link())
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Now")).to_be_visible()
        await press(page, "/")
        await page.keyboard.type(shop.label)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=shop.label)).to_be_visible()
        await press(page, "j", "Enter")
        await expect(page.get_by_role("heading", name="issue.created about")).to_be_visible()
        await expect(page.get_by_text("would have resolved it")).to_be_visible()
        await press(page, "g", "a")
        await expect(page.get_by_role("heading", name="Approvals")).to_be_visible()
        await tab_to(page, f"Approve {shop.label}")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Approved: it was sent to Sentry.")).to_be_visible()
        assert shop.status == "resolved"
        await press(page, "/")
        await page.keyboard.type(shop.label)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=shop.label)).to_be_visible()
        await tab_to(page, "Undo")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("This would be done")).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Taken back:")).to_be_visible()
        assert shop.status == "unresolved"
        await press(page, "g", "n")
        await expect(page.get_by_role("heading", name="Now")).to_be_visible()
        await tab_to(page, "Pause all writes")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("are paused by inga")).to_be_visible()
        await tab_to(page, "Resume")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("may write again")).to_be_visible()
        await press(page, "?")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await watched.check_accessible()
        await page.keyboard.press("Escape")
    orders = await shop.orders()
    assert [one for one in orders if "inga" in one] == orders
    assert len(orders) == 4


async def test_without_javascript(browser: Browser, shop: Shop) -> None:
    async with watched_page(browser, shop.console, role=None, java_script_enabled=False) as watched:
        page = watched.page
        await watched.open(await shop.link())
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_label("Find an issue").fill(shop.label)
        await page.get_by_label("Find an issue").press("Enter")
        await page.get_by_role("link", name="Why").first.click()
        await expect(page.get_by_text("would have resolved it")).to_be_visible()
        await page.get_by_role("link", name="Approvals").click()
        await page.get_by_role("button", name=f"Approve {shop.label}").click()
        await expect(page.get_by_text("Approved: it was sent to Sentry.")).to_be_visible()
        assert shop.status == "resolved"
        await watched.open(f"/issues/{shop.label}")
        await page.get_by_role("link", name="Undo").click()
        await page.get_by_role("button", name="Undo it").click()
        await expect(page.get_by_text("Taken back:")).to_be_visible()
        assert shop.status == "unresolved"
        await watched.open("/?show=everything")
        await expect(page.locator("#rows .row").first).to_be_visible()
        await page.get_by_role("button", name="Pause all writes").click()
        await page.get_by_role("button", name="Resume").click()
        await expect(page.get_by_text("may write again")).to_be_visible()
        await page.get_by_role("button", name="Dark").click()
        assert await page.locator("html").get_attribute("data-theme") == "dark"
    assert len(await shop.orders()) == 4


async def test_two_people_who_approve_one_proposal_send_one_write(browser: Browser, shop: Shop) -> None:
    async with (
        watched_page(browser, shop.console, role="operator") as first,
        watched_page(browser, shop.console, role="approver") as second,
    ):
        for one in (first, second):
            await one.open("/approvals")
        for one in (first, second):
            await one.page.get_by_role("button", name=f"Approve {shop.label}").click()
        await expect(first.page.get_by_text("Approved: it was sent to Sentry.")).to_be_visible()
        await expect(second.page.get_by_text("is approved by a operator already")).to_be_visible()
    assert len(await shop.orders()) == 1
