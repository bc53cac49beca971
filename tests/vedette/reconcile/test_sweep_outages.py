"""Whatever is lost, late, doubled, cut off or refused: after the sweeps everything is stored, and nothing twice.

A bounded number of random worlds is tried; VEDETTE_FULL=1 tries more of them, and one in which 10,000 are lost.
VEDETTE_WORLDS=40-79 chooses the worlds by their seeds.
"""

import asyncio
import contextlib
import os
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from redis.exceptions import RedisError

from tests.conftest import connect
from tests.vedette.reconcile.outage_world import Fate, OutageWorld, cancel_after, outage_world
from vedette.api.errors import SentryError
from vedette.simulator import Fault, Faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from vedette.store.server.client import RedisClient

IN_FULL = os.environ.get("VEDETTE_FULL") == "1"
FIRST, _, LAST = os.environ.get("VEDETTE_WORLDS", "0-199" if IN_FULL else "0-7").partition("-")
SEEDS = range(int(FIRST), int(LAST or FIRST) + 1)
TROUBLES = ("none", "two workers", "killed", "rate limit", "Redis away", "originals during")


def losing(share: float) -> "Callable[[random.Random], Fate]":
    """The fates of webhooks by chance; the first is lost in any case, so that no world loses nothing."""
    is_first = iter((True,))

    def fate(chance: random.Random) -> Fate:
        draw = chance.random()
        return "lost" if next(is_first, False) or draw < share else "late" if draw < share + 0.2 else "sent"

    return fate


class KilledError(Exception):
    """The end of a process."""


class KilledAfterStoring:
    """Ends a sweep when all is stored and the watermark is not."""

    def step(self, phase: str, done: int, total: int | None) -> None:
        if phase == "webhooks rebuilt" and done == total:
            raise KilledError


async def sweep_in_trouble(world: OutageWorld, trouble: str, faults: Faults, redis_url: str) -> None:
    """Sweep once, while something goes wrong."""
    sweep: Any = world.sweep(rebuild_all=True)
    match trouble:
        case "two workers":
            await asyncio.gather(sweep, world.sweep(rebuild_all=True))
        case "killed":
            sweep.close()
            with contextlib.suppress(KilledError):
                await world.sweep(KilledAfterStoring(), rebuild_all=True)
            await cancel_after(asyncio.create_task(world.sweep(rebuild_all=True)), world.random.random() * 0.1)
        case "rate limit":
            faults.add(Fault("rate_limit", times=3, seconds=0.01))
            faults.add(Fault("status", times=1, status=400, chance=0.3))
            await asyncio.gather(sweep, return_exceptions=True)
            faults.clear()
        case "Redis away":
            task: asyncio.Task[Any] = asyncio.create_task(sweep)
            await asyncio.sleep(world.random.random() * 0.1)
            with connect(redis_url) as admin:
                admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            (ended,) = await asyncio.gather(task, return_exceptions=True)
            # Where the sweep had ended before: the next command of the client learns that its connection is gone.
            with contextlib.suppress(RedisError):
                await world.client.ping()
            assert not isinstance(ended, BaseException) or isinstance(ended, RedisError | SentryError)
        case "originals during":
            await asyncio.gather(sweep, world.deliver_late())
        case _:
            await sweep


@pytest.mark.parametrize("seed", SEEDS)
async def test_everything_is_stored_once(client: "RedisClient", redis_url: str, seed: int) -> None:
    faults, trouble = Faults(), TROUBLES[seed % len(TROUBLES)]
    async with outage_world(
        client, seed=seed, with_keys=bool(seed // len(TROUBLES) % 2), fate=losing(0.3), faults=faults
    ) as world:
        await world.sweep()
        world.move(minutes=1)
        for _ in range(6):
            for _ in range(5):
                world.create() if world.random.random() < 0.5 or not world.issues else world.act(
                    world.random.choice(world.issues)
                )
                world.move(seconds=world.random.randrange(20, 90))
            await world.deliver_sent()
            if world.random.random() < 0.5:
                await world.deliver_late()
            world.move(minutes=world.random.randrange(4, 9))
            await sweep_in_trouble(world, trouble, faults, redis_url)
            if world.random.random() < 0.5:
                await world.deliver_late()
        await world.deliver_sent()
        world.move(minutes=10)
        await world.sweep(rebuild_all=True)
        await world.deliver_late()
        world.move(minutes=10)
        assert (await world.sweep(rebuild_all=True)).left == 0
        stored, expected = await world.stored(), world.expected()
        assert stored - expected == Counter(), "handled twice"
        assert expected - stored == Counter(), "missing"
        assert world.lost


@pytest.mark.timeout(600)
@pytest.mark.parametrize("with_keys", [False, True], ids=["without keys", "with keys"])
async def test_an_outage_costs_as_many_calls_as_pages_and_changed_issues(
    client: "RedisClient", with_keys: bool
) -> None:
    number = 10_000 if IN_FULL else 250
    async with outage_world(client, with_keys=with_keys, fate=losing(0.8)) as world:
        await world.sweep()
        world.move(minutes=1)
        while len(world.lost) < number:
            if world.random.random() < 0.6 or not world.issues:
                world.create()
            else:
                world.act(world.random.choice(world.issues))
            world.move(seconds=0.5)
            await world.deliver_sent()
            if len(world.emitted) % 500 == 0:
                # Some minutes late.
                await world.deliver_late()
        await world.deliver_late()
        world.move(minutes=10)
        report = await world.sweep(rebuild_all=True)
        assert await world.stored() == world.expected()
        # Without keys, what happens again within a quarter of an hour is a repetition to the receiver, and rebuilt.
        assert report.number_missing >= len(world.lost) >= number
        assert report.number_missing == len(world.lost) or not with_keys
        changed = sum(len(issue.activity) > 1 for issue in world.issues)
        reopened = sum(issue.substatus in {"regressed", "escalating"} for issue in world.issues)
        listed = len(world.issues) + reopened
        assert report.number_of_calls <= 3 + listed / 100 + changed
        await world.deliver_lost_late()
        assert await world.stored() == world.expected()
