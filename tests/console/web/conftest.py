"""Consoles on real sockets and a real Redis, and one browser for each test process."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.console.web.browsers import running_browser
from tests.console.web.consoles import RunningConsole, make_settings, running_console


@pytest.fixture
async def console(redis_url: str) -> AsyncIterator[RunningConsole]:
    async with running_console(make_settings(redis_url)) as running:
        yield running


AGENTS = {"robot": {"may": {"issues": "read", "triage": "write"}, "grant": {"projects": ["shop-*"]}}}


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with running_browser() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def shown_console(redis_url: str) -> AsyncIterator[RunningConsole]:
    """A console in the event loop of the browser."""
    async with running_console(make_settings(redis_url, agents=AGENTS)) as running:
        yield running
