"""Each page in a real browser: wide and narrow, light and dark, empty, full, and without Redis."""

import os
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.console.web.browsers import watched_page
from tests.console.web.consoles import RunningConsole
from tests.console.web.filled import LABEL, fill

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

PAGES: Final = (
    "/",
    "/?show=everything",
    "/deliveries",
    "/deliveries/{acted}",
    "/deliveries/{failed}",
    "/deliveries/{broken}",
    "/deliveries/{large}",
    f"/issues/{LABEL}",
    "/approvals",
    "/audit/{entry}/undo",
    "/failed",
    "/failed/groups/{group}",
    "/failed/plan?action=retry&group={group}",
    "/failed/plan?action=discard&handler=nobody",
    "/jobs/{job}",
    "/access",
    "/audit",
    "/schedule",
    "/health",
    "/rules",
    "/rules/drafts/{draft}",
    "/rules/drafts/{broken_draft}",
    "/audit?q=handler:triage&since=7d",
    "/audit/verify",
    "/audit/undo?q=handler:{handler}&since=7d",
    "/me",
)
"""Paths of pages; names in braces are those of `fill`."""
SIGNED_OUT: Final = ("/sign-in", "/in/a-link-that-was-used")
_ALL: Final = [(1280, "light"), (390, "dark"), (1280, "dark"), (390, "light")]
SHAPES: Final = _ALL if os.environ.get("VEDETTE_FULL") == "1" else _ALL[:2]


@pytest_asyncio.fixture(loop_scope="session")
async def full(shown_console: RunningConsole, redis_url: str) -> AsyncIterator[tuple[RunningConsole, dict[str, str]]]:
    yield shown_console, await fill(shown_console.redis, shown_console.services.settings, redis_url, is_large=True)


@pytest.mark.parametrize(("width", "scheme"), SHAPES)
async def test_each_page_that_is_full_of_hostile_text_is_accessible_and_inert(
    browser: Browser, full: tuple[RunningConsole, dict[str, str]], width: int, scheme: str
) -> None:
    console, ids = full
    shape: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    async with watched_page(browser, console, **shape) as page:
        for path in PAGES:
            await page.open(path.format(**ids))
            assert await page.page.title() != "1"
            assert await page.page.locator("main img, main script").count() == 0
            assert "\u202e" not in await page.page.content()
            await page.check_accessible()


@pytest.mark.parametrize(("width", "scheme"), SHAPES)
async def test_each_page_of_an_empty_installation_is_accessible(
    browser: Browser, shown_console: RunningConsole, width: int, scheme: str
) -> None:
    shape: dict[str, Any] = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    async with watched_page(browser, shown_console, **shape) as page:
        for path in PAGES:
            if "{" not in path:
                await page.open(path)
                await page.check_accessible()
    async with watched_page(browser, shown_console, role=None, **shape) as page:
        page.allowed = ("410",)
        for path in SIGNED_OUT:
            await page.open(path)
            await page.check_accessible()
