"""A real Chromium, driven by Playwright, in which any error of a page fails the test."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    async_playwright,
    expect,
)

from tests.console.web.consoles import RunningConsole
from vedette.store.console.account import Role

CHROMIUM: Final = Path("/usr/bin/chromium")
PATIENCE: Final = 60_000
"""Milliseconds."""
_WATCH: Final = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
"""
_AXE: Final = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def require_chromium() -> None:
    """Skip a test where Debian's Chromium is missing; fail it in CI."""
    if CHROMIUM.exists():
        return
    reason = f"{CHROMIUM} is missing: apt-get install chromium fonts-dejavu-core"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@asynccontextmanager
async def running_browser() -> AsyncGenerator[Browser]:
    """Start one browser."""
    require_chromium()
    # What is waited for takes longer on a busy machine.
    expect.set_options(timeout=PATIENCE)
    flags = [
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
    ]
    flags += ["--no-sandbox"] if os.getuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags, timeout=2 * PATIENCE)
        try:
            yield browser
        finally:
            await browser.close()


@cache
def _axe_source() -> str:
    """The source of axe-core, from the package that carries it."""
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


class WatchedPage:
    """A page, and all that went wrong on it."""

    def __init__(self, console: RunningConsole, context: BrowserContext, page: Page) -> None:
        self.console, self.context, self.page = console, context, page
        self.faults: list[str] = []
        self.allowed: tuple[str, ...] = ()
        """Parts of faults that a test expects, such as `503`."""
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self._note(f"error: {error}"))
        page.on("requestfailed", self._note_failure)
        page.on("request", self._note_request)

    async def open(self, path: str) -> None:
        """Go to a page of the console."""
        await self.page.goto(f"{self.console.url}{path}")

    async def check(self) -> None:
        """Fail on anything that went wrong."""
        violations = await self.page.evaluate("window.violations ?? []")
        faults = [*self.faults, *violations]
        assert not faults, "\n".join(faults)

    async def check_accessible(self) -> None:
        """Fail on faults of accessibility, on colours whose contrast is undecided, and on sideways scrolling."""
        await self.page.evaluate(_axe_source())
        results: Any = await self.page.evaluate("(options) => axe.run(document, options)", _AXE)
        found = [f"{one['id']}: {node['html'][:160]}" for one in results["violations"] for node in one["nodes"]]
        undecided = [
            f"undecided {node['html'][:160]}: {node['any'][0]['message']}"
            for one in results["incomplete"]
            if one["id"] == "color-contrast"
            for node in one["nodes"]
        ]
        faults = [*found, *undecided]
        assert not faults, "\n".join([self.page.url, *faults])
        width = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"the page is {width} px too wide"

    def _note(self, fault: str) -> None:
        if not any(part in fault for part in self.allowed):
            self.faults.append(fault)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._note(f"{message.type}: {message.text}")

    def _note_failure(self, request: Request) -> None:
        # What was still loading when the page was left.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"failed: {request.url} {request.failure}")

    def _note_request(self, request: Request) -> None:
        if urlsplit(request.url).hostname != "127.0.0.1" and not request.url.startswith(("data:", "blob:")):
            self._note(f"left the host: {request.url}")


@asynccontextmanager
async def watched_page(
    browser: Browser, console: RunningConsole, *, role: Role | None = "operator", **options: Any
) -> AsyncGenerator[WatchedPage]:
    """Open a page in a browser's context of its own, signed in with a role."""
    context = await browser.new_context(**options)
    await context.add_init_script(_WATCH)
    if role is not None:
        await context.add_cookies([{"name": console.cookie, "value": console.sessions[role], "url": console.url}])
    try:
        page = WatchedPage(console, context, await context.new_page())
        page.page.set_default_timeout(PATIENCE)
        yield page
        await page.check()
    finally:
        await context.close()
