"""Counts what is lost or done twice while everything fails: outages under load, then every id is looked for.

It is looked for in Redis, and once more after a worker has handled them all.

    python bench/outage.py [--quick] [--json] [--rounds 20] [--rate 500]

A round is one of: Redis killed with -9 (AOF always) and started again, Redis frozen, Redis out of memory, the receiver
killed with -9 at a random moment. Every other time the receiver is killed during Redis's outages too, when it has been
spooling. Requests whose connection the kill broke were not accepted, and are not counted. All 20 rounds take some
twenty minutes.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import uvloop
from receiver_parts.handler_run import handle_all
from receiver_parts.load_generator import Requests, Result, opened
from receiver_parts.report import Report
from receiver_parts.servers import OTHERS_CORE, Served, Store, pin, running_store, unpin
from receiver_parts.verification import verify, wait_for_empty_spool

KB = 1024
HOLD = 200.0
"""Milliseconds within which 99 of 100 answers are to come, whatever fails."""
_AROUND = 6.0
"""Seconds a round takes beside its outage."""
_HANDLING = 1.0
"""How long the worker takes for a round's deliveries, as a part of the round."""


class World:
    """The server, the receiver, and the accepted deliveries."""

    def __init__(self, store: Store, state: Path, *, pinned: bool) -> None:
        self._state = state
        self._pinned = pinned
        self.store = store
        self.receiver = Served("ours", store, state, pinned=pinned)
        self.accepted: list[bytes] = []

    def restart_receiver(self) -> None:
        """Kill the receiver and start another on the same port."""
        port = self.receiver.port
        self.receiver.kill()
        self.receiver = Served("ours", self.store, self._state, pinned=self._pinned, port=port)


Outage = Callable[[World, float], Awaitable[None]]


async def redis_killed(world: World, seconds: float) -> None:
    """Kill Redis, and start it again after a while."""
    world.store.kill()
    await asyncio.sleep(seconds)
    await asyncio.to_thread(world.store.start)


async def redis_frozen(world: World, seconds: float) -> None:
    """Freeze Redis for a while."""
    world.store.freeze()
    await asyncio.sleep(seconds)
    world.store.resume()


async def redis_full(world: World, seconds: float) -> None:
    """Let Redis refuse all writes for a while."""
    with world.store.client() as client:
        client.config_set("maxmemory", 1)
        await asyncio.sleep(seconds)
        client.config_set("maxmemory", 0)


async def receiver_killed(world: World, seconds: float) -> None:
    """Kill the receiver at a random moment."""
    await asyncio.sleep(random.uniform(0, seconds))
    await asyncio.to_thread(world.restart_receiver)


OUTAGES: tuple[Outage, ...] = (redis_killed, redis_frozen, redis_full, receiver_killed)


async def play(world: World, outages: Sequence[Outage], number: int, *, rate: float, seconds: float) -> Result:
    """Load the receiver through one outage, or two at once, with a second before it and two behind."""
    requests = Requests(4 * KB, run=f"outage{number}-")
    loading = asyncio.create_task(opened(world.receiver.port, requests, rate=rate, seconds=seconds + 3))
    await asyncio.sleep(1)
    await asyncio.gather(*(outage(world, seconds) for outage in outages))
    return await loading


def main() -> int:
    """Run it; the exit code is 1 when a delivery was lost, doubled or refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round of each kind, 2 s each")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--rate", type=float, default=500.0, help="deliveries a second")
    options = parser.parse_args()
    rounds, seconds = (len(OUTAGES), 2.0) if options.quick else (options.rounds, 20.0)
    report = Report(as_json=options.json)
    pinned = pin(OTHERS_CORE)
    with tempfile.TemporaryDirectory() as folder, running_store(Path(folder) / "valkey", "always") as store:
        world = World(store, Path(folder) / "state", pinned=pinned)
        try:
            report.say(f"{rounds} rounds of {seconds:g} s at {options.rate:g} deliveries/s of 4 KB, AOF always")
            report.say(f"  {'':<58} {'ours':>10} {'to hold':>10} {'ratio':>7}")
            report.plan(rounds * (seconds + _AROUND) * (1 + _HANDLING))
            for number in range(rounds):
                one_round(report, world, number, rate=options.rate, seconds=seconds)
            verdict = verify(store, world.accepted)
        finally:
            world.receiver.kill()
        report.say("  a worker handles what was accepted")
        report.step(rounds * (seconds + _AROUND) * _HANDLING, "a worker handles what was accepted")
        unpin()
        unhandled, twice = handle_all(store, Path(folder), world.accepted)
    report.must("outage.lost", verdict.lost, 0, f"of {verdict.accepted} accepted deliveries")
    report.must("outage.doubled", verdict.doubled, 0, f"of {verdict.accepted} accepted deliveries")
    report.must("outage.unhandled", unhandled, 0, f"of {verdict.accepted} accepted deliveries")
    report.must("outage.handled_twice", twice, 0, f"of {verdict.accepted} accepted deliveries")
    return 1 if report.failed else 0


def one_round(report: Report, world: World, number: int, *, rate: float, seconds: float) -> None:
    """Run one outage and print its effect on the answers."""
    outage = OUTAGES[number % len(OUTAGES)]
    also_killed = number // len(OUTAGES) % 2 == 1 and outage is not receiver_killed
    outages = (outage, receiver_killed) if also_killed else (outage,)
    name = "outage." + "_and_".join(one.__name__ for one in outages)
    report.step(seconds + _AROUND, name)
    result = uvloop.run(play(world, outages, number, rate=rate, seconds=seconds))
    wait_for_empty_spool(world.receiver.url)
    world.accepted += result.accepted
    report.result(f"{name}.p99", result.percentile(0.99), HOLD, "ms")
    others = {status: count for status, count in result.statuses.items() if status != 202}
    refused = sum(others.values())
    if others:
        report.say(f"  answers other than 202: {others} {result.refusals}")
    if receiver_killed in outages:
        report.say(f"  {result.broken} connections broken by the kill, not accepted")
    else:
        refused += result.broken
    report.must(f"{name}.refused", refused, 0, "requests")


if __name__ == "__main__":
    sys.exit(main())
