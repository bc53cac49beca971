"""Consoles on real sockets and a real Redis."""

from collections.abc import AsyncIterator

import pytest

from tests.console.web.consoles import RunningConsole, make_settings, running_console


@pytest.fixture
async def console(redis_url: str) -> AsyncIterator[RunningConsole]:
    async with running_console(make_settings(redis_url)) as running:
        yield running
