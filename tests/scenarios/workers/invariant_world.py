"""Runs programs on real processes (a receiver, two workers, a server that syncs each write) and checks how they end."""

import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import redis

from tests.process_ends import STACKS, wait_for_end
from tests.receiver.sentry import INSTALLATION, hook_headers, wire
from tests.receiver.servers import OwnServer, Receiver
from tests.scenarios.workers.invariant_programs import PLUGIN, Again, Batch, Deliver, Fault, Step, end_of
from vedette.store.deliveries.deliveries import Deliveries, DeliveryNotFoundError, DeliverySummary
from vedette.store.runs.consistency import find_stalled
from vedette.store.runs.dead_letters import DeadLetters, NotReplayableError
from vedette.store.runs.run import FINAL_STATES, Run
from vedette.store.runs.runs import Runs
from vedette.store.server.keys import PREFIX, subject_key
from vedette.store.server.server_check import open_redis

SHIFTED_CLOCK = Path(__file__).parents[2] / "shifted_clock"
PATIENCE = 100.0
"""Seconds for a batch to end: a worker that is killed again and again takes some."""
LATE = 120.0
"""Seconds after which a job that is due each minute is late: the workers may have been away for some."""
LOSE = """
local prefix, kind = KEYS[1], ARGV[1]
local function first(queue)
    local id = redis.call('LPOP', prefix .. 'queue:' .. queue)
    return id and redis.call('HDEL', prefix .. 'queue:' .. queue .. '.msgs', id) or 0
end
if kind == 'fan_out' or kind == 'run' then
    return first(kind)
end
if kind == 'scheduled' then
    for _, member in ipairs(redis.call('ZRANGE', prefix .. 'schedule', 0, -1)) do
        if string.match(member, '^run ') then
            return redis.call('ZREM', prefix .. 'schedule', member)
        end
    end
    return 0
end
for _, worker in ipairs(redis.call('ZRANGE', prefix .. 'workers', 0, -1)) do
    local held = redis.call('ZPOPMAX', prefix .. 'queue:run.in_flight:' .. worker)
    if held[1] then
        return redis.call('HDEL', prefix .. 'queue:run.msgs', held[1])
    end
end
return 0
"""
"""Loses one message of a kind; returns 0 where there is none."""
DEATHS = 3
"""`worker.deaths` unless set otherwise."""


@dataclass
class Sent:
    """A delivery that was answered."""

    id: str
    """As it was answered; of one that was repeated while Redis was away, as it is stored."""
    event: str
    plan: Mapping[str, str]
    body: bytes
    request: str
    is_again: bool = False
    """Whether it, or a run of it, was asked for again."""


@dataclass
class Program:
    """One running program."""

    steps: tuple[Step, ...]
    subject: str
    sent: list[Sent] = field(default_factory=list[Sent])


class World:
    """The processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "plugin.py").write_text(PLUGIN)
        self.server = OwnServer(folder / "valkey")
        self.server.start()
        self.state = folder / "state"
        self.state.mkdir(mode=0o700)
        self.receiver = self._receiver()
        self.workers = [self._worker(number) for number in range(2)]
        self.numbers = itertools.count(1)
        self.began = time.time()

    def close(self) -> None:
        for number in range(len(self.workers)):
            self.end_worker(number, signal.SIGKILL)
        self.receiver.kill()
        self.server.kill()

    def _receiver(self, port: int = 0) -> Receiver:
        return Receiver(self.server.url, self.state, port=port)

    def _worker(self, number: int) -> "subprocess.Popen[bytes]":
        shift = self.folder / f"shift{number}"
        environment = {
            **os.environ,
            **STACKS,
            "VEDETTE_REDIS_URL": self.server.url,
            "VEDETTE_CLIENT_SECRET": "a-secret-of-the-tests",
            "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
            "VEDETTE_ORGANIZATION": "acme",
            "VEDETTE_SENTRY_URL": "http://127.0.0.1:9",
            "VEDETTE_PLUGINS": str(self.folder / "plugin.py"),
            "VEDETTE_HANDLERS__TRIAGE__ENABLED": "false",
            "VEDETTE_WORKER__METRICS_PORT": "0",
            "NOTES": str(self.folder / "notes"),
            "PYTHONPATH": str(SHIFTED_CLOCK),
            "CLOCK_SHIFT": str(shift),
            "dramatiq_worker_timeout": "100",
        }
        command = [sys.executable, "-m", "dramatiq", "workers", "--processes", "1", "--threads", "8", "--skip-logging"]
        with (self.folder / f"log{number}").open("ab") as log:
            return subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def end_worker(self, number: int, sent: signal.Signals) -> None:
        """Send a signal to a worker's processes, and wait until all have ended."""
        worker = self.workers[number]
        if worker.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, sent)
        wait_for_end(worker, self.folder / f"log{number}", 20)

    async def fault(self, fault: Fault) -> None:
        """Cause a fault, and repair it as an operator's supervisor does."""
        await asyncio.sleep(fault.after)
        match fault.what:
            case "kill" | "reload":
                number = signal.SIGKILL if fault.what == "kill" else signal.SIGTERM
                await asyncio.to_thread(self.end_worker, fault.worker, number)
            case "jump":
                (self.folder / f"shift{fault.worker}").write_text(str(fault.hours * 3600))
            case "redis":
                self.server.kill()
                await asyncio.sleep(0.5)
                await asyncio.to_thread(self.server.start)
            case "receiver":
                port = self.receiver.port
                await asyncio.to_thread(self.receiver.kill)
                self.receiver = await asyncio.to_thread(self._receiver, port)
            case _:
                await self._lose_a_message(fault.what.removeprefix("lose "))

    async def _lose_a_message(self, kind: str) -> None:
        """Take a message out of a queue, the schedule or a worker's hands, as soon as one is there."""
        client: Any = open_redis(self.server.url)
        lose = client.register_script(LOSE)
        for _ in range(200):
            with contextlib.suppress(redis.RedisError, OSError):
                if await lose(keys=[PREFIX], args=[kind]):
                    break
            await asyncio.sleep(0.01)
        await client.aclose()

    async def tend(self) -> None:
        """Start again what has ended, as a supervisor does."""
        while True:
            await asyncio.sleep(0.1)
            for number, worker in enumerate(self.workers):
                if worker.poll() is not None:
                    self.workers[number] = self._worker(number)

    async def post(self, body: bytes, request: str) -> str:
        """Send a delivery until it is answered, as a proxy before the receiver may; return its id."""
        headers = hook_headers(body, "error") | {"Request-ID": request}
        async with httpx2.AsyncClient(timeout=10) as client:
            while True:
                with contextlib.suppress(httpx2.TransportError):
                    answer = await client.post(f"{self.receiver.url}/hooks", content=body, headers=headers)
                    if answer.status_code in {200, 202}:
                        return answer.json()["delivery"]
                await asyncio.sleep(0.1)


async def run_batch(world: World, batch: Batch) -> None:
    """Run the programs side by side while things go wrong, wait for the end of every delivery, and check it."""
    programs = [Program(steps, str(next(world.numbers) + 9_000_000)) for steps in batch.programs]
    client = open_redis(world.server.url)
    stored = Stored(client)
    tending = asyncio.create_task(world.tend())
    try:
        faults = [world.fault(fault) for fault in _one_by_one(batch.faults)]
        await asyncio.gather(*(_run(world, client, program) for program in programs), *faults)
        found = await _all_ended(client, stored, programs)
        await _check(world, client, batch, programs, found)
    finally:
        tending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await tending
        await client.aclose()


def _one_by_one(faults: tuple[Fault, ...]) -> list[Fault]:
    """Leave out what would end a process while it is ended already."""
    chosen: dict[tuple[object, ...], Fault] = {}
    for fault in faults:
        match fault.what:
            case "kill" | "reload":
                chosen["worker", fault.worker] = fault
            case "redis" | "receiver":
                chosen[fault.what, 0] = fault
            case _:
                chosen[fault.what, fault] = fault
    return list(chosen.values())


async def _run(world: World, client: Any, program: Program) -> None:
    chance = random.Random(program.subject)  # noqa: S311 - no secret
    for step in program.steps:
        await asyncio.sleep(chance.random() * 0.6)
        if isinstance(step, Deliver):
            event = uuid.UUID(int=chance.getrandbits(128)).hex
            error = {
                "event_id": event,
                "issue_id": program.subject,
                "title": json.dumps(dict(step.plan)),
            }
            body = wire({"action": "created", "installation": {"uuid": INSTALLATION}, "data": {"error": error}})
            request = uuid.UUID(int=chance.getrandbits(128)).hex
            program.sent.append(Sent(await world.post(body, request), event, dict(step.plan), body, request))
        else:
            await _again(world, client, program.sent[-1], step)


async def _again(world: World, client: Any, sent: Sent, step: Again) -> None:
    if step.what == "repeat":
        await world.post(sent.body, sent.request)
        return
    letters = DeadLetters(client)
    sent.is_again = True
    # Refused while it is still going, and where Redis is away: a person tries again, or not.
    with contextlib.suppress(NotReplayableError, DeliveryNotFoundError, redis.RedisError, OSError):
        if step.what == "replay":
            await letters.replay(sent.id, next(iter(sent.plan)))
        else:
            await letters.redispatch(sent.id)


class Stored:
    """The stored deliveries of one batch."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._since = time.time_ns() // 1_000_000 - 1000
        self._events: dict[str, str] = {}

    async def summaries(self, programs: list[Program]) -> dict[str, DeliverySummary]:
        """Return the stored deliveries of the programs by id, each at most once."""
        deliveries = Deliveries(self._client)
        stored = {one.id: one for one in await deliveries.latest(since=self._since, limit=10_000)}
        for one in stored.keys() - self._events.keys():
            data = json.loads((await deliveries.get(one)).body).get("data", {})
            self._events[one] = data.get("error", {}).get("event_id", "")
        ids = {event: one for one, event in self._events.items() if event}
        assert len(ids) == sum(map(bool, self._events.values())), "a delivery is stored twice"
        found: dict[str, DeliverySummary] = {}
        for sent in (sent for program in programs for sent in program.sent):
            sent.id = ids.get(sent.event, sent.id)
            if sent.id in stored:
                found[sent.id] = stored[sent.id]
        return found


async def _all_ended(client: Any, stored: Stored, programs: list[Program]) -> dict[str, DeliverySummary]:
    end_at = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(redis.RedisError, OSError):
            found = await stored.summaries(programs)
            going = [sent.id for program in programs for sent in program.sent if not _has_ended(found.get(sent.id))]
            if not going:
                return found
            if time.monotonic() > end_at:
                stalled = [str(one) for one in await find_stalled(client)]
                raise AssertionError(f"left in between: {await _described(client, going)}; stalled: {stalled}")
        await asyncio.sleep(0.25)


def _has_ended(summary: DeliverySummary | None) -> bool:
    return summary is not None and summary.finished is not None


async def _described(client: Any, deliveries: list[str]) -> list[Any]:
    described: list[Any] = []
    for one in deliveries[:5]:
        described.append({key: value[:200] for key, value in (await client.hgetall(f"{PREFIX}delivery:{one}")).items()})
        described += [await client.hgetall(name) for name in await client.keys(f"{PREFIX}run:{one}:*")]
    return described


async def _check(
    world: World, client: Any, batch: Batch, programs: list[Program], found: Mapping[str, DeliverySummary]
) -> None:
    names = [(one.id, one.runs or ()) for one in found.values()]
    runs = await Runs(client).of(names)
    for program in programs:
        for sent in program.sent:
            _check_delivery(sent, found[sent.id], {run.name: run for run in runs[sent.id]})
        _check_windows(program, runs)
    notes = (world.folder / "notes").read_text().splitlines() if (world.folder / "notes").exists() else []
    if batch.keeps_order:
        _check_order(programs, notes)
    _check_pace([run for some in runs.values() for run in some if run.name == "paced"])
    _check_times(notes, world.began)
    assert await find_stalled(client, confirm_after=0.5) == []
    await _check_nothing_left(client)


def _check_delivery(sent: Sent, summary: DeliverySummary, runs: Mapping[str, Run]) -> None:
    assert summary.quarantined is None, f"{sent.id} is quarantined: {summary.quarantined}"
    expected = {*sent.plan, *({"plain@look"} if sent.plan.get("plain") == "later" else set[str]())}
    if not any(run.crashes >= DEATHS for run in runs.values()):
        assert set(runs) == expected, f"{sent.id} has runs {sorted(runs)}"
    for name, run in runs.items():
        assert run.state in FINAL_STATES, f"{run} has not ended"
        if name == "gather" or (run.state == "quarantined" and run.crashes >= DEATHS):
            continue
        wanted = "done" if name == "plain@look" else end_of(sent.plan[name])
        assert run.state == wanted, f"{sent.plan} should end as {wanted}: {run}"


def _check_windows(program: Program, runs: Mapping[str, list[Run]]) -> None:
    gathered = {run.delivery: run for sent in program.sent for run in runs[sent.id] if run.name == "gather"}
    if not gathered or any(run.state == "quarantined" and run.crashes >= DEATHS for run in gathered.values()):
        return
    assert {run.state for run in gathered.values()} <= {"done", "superseded"}, gathered
    assert "done" in {run.state for run in gathered.values()}
    for run in gathered.values():
        # What ran for it was newer, or it was decided again.
        assert run.state == "done" or run.reason == "decided again" or run.reason in gathered, run
    if not any(sent.is_again for sent in program.sent):
        assert gathered[max(gathered)].state == "done"
        assert sum(run.coalesced_events for run in gathered.values() if run.state == "done") == len(gathered)


def _check_order(programs: list[Program], notes: list[str]) -> None:
    ended: dict[str, int] = {}
    for place, line in enumerate(notes):
        handler, delivery, what = line.split(" ")
        if (handler, what) == ("plain", "ended"):
            ended.setdefault(delivery, place)
    for program in programs:
        if not any(sent.is_again for sent in program.sent):
            order = [ended[sent.id] for sent in program.sent if sent.id in ended]
            assert order == sorted(order), f"{[sent.id for sent in program.sent]} ended in another order"


def _check_pace(runs: list[Run]) -> None:
    started = sorted(run.started for run in runs if run.started is not None)
    for first, later in zip(started, started[15:], strict=False):
        assert later - first >= 1000, "more than 15 runs began within a second"


def _check_times(notes: list[str], began: float) -> None:
    """Each minute was fired once, none was left out and none came before its time, however the clocks jump."""
    fired: defaultdict[float, set[str]] = defaultdict(set)
    for line in notes:
        handler, due, delivery = line.split(" ")
        if handler == "timed":
            fired[datetime.fromisoformat(due).timestamp()].add(delivery)
    assert all(len(deliveries) == 1 for deliveries in fired.values()), f"fired twice: {fired}"
    times = sorted(fired)
    assert {later - first for first, later in itertools.pairwise(times)} <= {60.0}, f"left out: {times}"
    now = time.time()
    assert now - LATE < max([began, *times]) <= now, f"the last of {times} is early, or one is late: it is {now}"


async def _check_nothing_left(client: Any) -> None:
    end_at = time.monotonic() + 60
    while True:
        left: list[bytes] = []
        for kind in ("order", "slot_waiters", "slots", "coalesce"):
            left += await client.keys(f"{PREFIX}{kind}:*")
        for subject in await client.keys(subject_key("*")):
            # Those with the score 0 are not decided.
            left += await client.zrangebyscore(subject, 0, 0)
        if not left:
            return
        assert time.monotonic() < end_at, f"left behind: {left}"
        await asyncio.sleep(0.1)
