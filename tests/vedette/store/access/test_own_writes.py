"""Echoes are measured by the server's clock, and two Sentrys' issues are distinct."""

import asyncio
import time

import pytest

from tests.write_departures import note_write
from vedette.store.access.own_writes import OwnWrite, OwnWrites
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import own_writes_key

ISSUE, OTHER = "one.example/acme:42", "two.example/acme:42"
NAMES = ["issue.resolved"]


async def echo(own: OwnWrites, delivery: str = "d1", issue: str = ISSUE) -> OwnWrite | None:
    return await own.echo_of(issue, delivery, NAMES, "", person=False)


@pytest.mark.parametrize("shift", [301, 3600, -3600])
async def test_an_echo_is_recognised_by_a_process_whose_clock_is_apart(
    client: RedisClient, monkeypatch: pytest.MonkeyPatch, shift: int
) -> None:
    own = OwnWrites(client, 300.0)
    await note_write(client, own, ISSUE, NAMES)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + shift * 1_000_000_000)
    found = await echo(own)
    assert found is not None
    assert found.principal == "plugin"
    assert await echo(own, "d2") is None


async def test_a_note_counts_for_its_window_though_later_ones_keep_the_key(client: RedisClient) -> None:
    brief = OwnWrites(client, 0.05)
    await note_write(client, brief, ISSUE, NAMES)
    await asyncio.sleep(0.06)
    await note_write(client, OwnWrites(client, 60.0), ISSUE, ["issue.archived"])
    await note_write(client, brief, OTHER, NAMES)
    assert await echo(brief) is None


async def test_the_same_number_in_another_sentry_is_no_echo(client: RedisClient) -> None:
    own = OwnWrites(client, 60.0)
    await note_write(client, own, ISSUE, NAMES)
    assert await echo(own, issue=OTHER) is None
    assert await echo(own) is not None


async def test_a_note_that_was_taken_back_has_no_echo(client: RedisClient) -> None:
    own = OwnWrites(client, 60.0)
    await own.forget(ISSUE, await note_write(client, own, ISSUE, NAMES))
    assert await echo(own) is None


async def test_the_echo_of_a_write_is_recognised_when_it_is_rebuilt_later(client: RedisClient) -> None:
    own = OwnWrites(client, 0.05)
    await note_write(client, own, ISSUE, NAMES)
    await asyncio.sleep(0.1)
    now = time.time_ns() // 1_000_000
    assert await own.echo_of(ISSUE, "d1", NAMES, "", person=False, happened=now - 10_000) is None
    assert await own.echo_of(ISSUE, "d1", NAMES, "", person=False, happened=now - 100) is not None
    assert await client.exists(own_writes_key(ISSUE))
