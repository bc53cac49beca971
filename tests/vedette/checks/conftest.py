"""An installation on the tests' own Redis, with a clock that is moved."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.vedette.checks.installation import Installation, MovedClock, installed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    """Return the clock of this process; the receiver, the simulator and the watch go by it, Redis does not."""
    moved = MovedClock(time.time)
    monkeypatch.setattr(time, "time", moved.time)
    monkeypatch.setattr(time, "time_ns", moved.time_ns)
    return moved


@pytest.fixture
async def town(redis_url: str, tmp_path: Path, clock: MovedClock) -> AsyncIterator[Installation]:
    """Yield an installation that has been at work for an hour."""
    async with installed(redis_url, tmp_path, clock) as made:
        await made.happen()
        made.move(3600)
        yield made
