"""Budgets and pauses go by the server's clock, whatever the clocks of processes say."""

import json
import time
from typing import Any

import pytest

from tests.write_departures import admit_write
from vedette.store.access.write_budgets import BudgetLimits, WriteBudgets
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import PAUSED

HOUR = 3_600 * 1_000_000_000
BOUNDS = BudgetLimits(per_issue=3)


@pytest.fixture
def admissions(client: RedisClient) -> WriteBudgets:
    return WriteBudgets(client)


async def verdicts(admissions: WriteBudgets, count: int, issue: str = "one.example/acme:42") -> list[str]:
    """Let writes depart; each verdict is what a look shows before."""
    found: list[str] = []
    for _ in range(count):
        seen = (await admissions.look("plugin", [issue], BOUNDS)).verdict
        found.append(await admit_write(admissions.client, issue, BOUNDS))
        assert found[-1] == seen
    return found


@pytest.mark.parametrize("shift", [HOUR, -HOUR, 24 * HOUR])
async def test_a_budget_is_one_for_processes_whose_clocks_are_apart(
    admissions: WriteBudgets, monkeypatch: pytest.MonkeyPatch, shift: int
) -> None:
    assert await verdicts(admissions, 2) == ["go", "go"]
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + shift)
    assert await verdicts(admissions, 3) == ["go", "issue", "issue"]
    monkeypatch.undo()
    assert await verdicts(admissions, 1) == ["issue"]


async def test_the_same_number_in_another_sentry_is_another_issue(admissions: WriteBudgets) -> None:
    assert await verdicts(admissions, 4) == ["go", "go", "go", "issue"]
    assert await verdicts(admissions, 1, "two.example/acme:42") == ["go"]


async def test_a_pause_that_was_altered_by_hand_is_one_all_the_same(admissions: WriteBudgets, client: Any) -> None:
    await client.hset(PAUSED, "plugin", "junk")
    assert await verdicts(admissions, 1) == ["paused"]
    assert [(pause.principal, pause.by) for pause in await admissions.pauses()] == [("plugin", "somebody")]


async def test_a_pause_ends_by_itself_at_its_time(admissions: WriteBudgets) -> None:
    pause = await admissions.pause("plugin", "ann", 3600)
    assert pause.until == pause.at + 3_600_000
    assert await verdicts(admissions, 1) == ["paused"]
    assert [one.until for one in await admissions.pauses()] == [pause.until]
    ended = {"by": "ann", "at": pause.at - 9000, "until": pause.at - 1}
    await admissions.client.hset(PAUSED, mapping={"plugin": json.dumps(ended)})
    assert await verdicts(admissions, 1) == ["go"]
    assert await admissions.pauses() == []
    assert await admissions.pause_of("plugin") is None
    assert await admissions.resume("plugin") is False


@pytest.mark.parametrize("until", ['"soon"', "null", "[]", "{}", "true"])
async def test_a_pause_with_an_end_that_cannot_be_read_holds(admissions: WriteBudgets, until: str) -> None:
    await admissions.client.hset(PAUSED, mapping={"plugin": f'{{"by": "ann", "at": 1, "until": {until}}}'})
    assert await verdicts(admissions, 1) == ["paused"]
    assert len(await admissions.pauses()) == 1
