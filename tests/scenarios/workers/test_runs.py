"""Handlers in real worker processes, started with dramatiq's own command.

With VEDETTE_FULL=1 the two proofs of order and survival run at their full length, which takes minutes.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from vedette.store.deliveries.stored_record import StoredRecord, encode_facts

Until = Callable[..., Any]
IN_FULL = os.environ.get("VEDETTE_FULL") == "1"


def done(site: Any) -> int:
    return int(site.client.hget("{vedette}:counts", "runs:done") or 0)


def test_each_way_to_end_a_run_is_written_down(site: Any, until: Until) -> None:
    site.plugin("""
@on("error.created")
async def fine(event: Event, ctx: Context) -> None:
    ctx.note("did it")

@on("error.created", retries=3)
async def flaky(ctx: Context) -> None:
    if ctx.attempt < 3:
        raise ValueError("not yet")

@on("error.created", retries=2)
async def broken() -> None:
    raise RuntimeError("always")

@on("error.created")
async def buggy() -> None:
    None.nothing

@on("error.created")
async def picky() -> None:
    raise Drop("not for me")

@on("error.created")
async def patient(ctx: Context) -> None:
    if ctx.attempt == 1:
        raise Retry("later", after=0.2)

@on("error.created", time_limit=0.2, retries=1)
async def slow() -> None:
    await asyncio.sleep(60)

@on("error.created", time_limit=0.2, retries=1)
async def stubborn() -> None:
    while True:
        try:
            await asyncio.sleep(0.1)
        except BaseException:
            pass
""")
    delivery = site.accept()
    site.start()
    until(lambda: site.client.hget(f"{{vedette}}:delivery:{delivery}", "finished"))
    names = ("fine", "flaky", "broken", "buggy", "picky", "patient", "slow", "stubborn")
    runs = {name: site.run(delivery, name) for name in names}
    assert {name: (run["state"], int(run["attempts"])) for name, run in runs.items()} == {
        "fine": ("done", 1),
        "flaky": ("done", 3),
        "broken": ("dead", 2),
        "buggy": ("dead", 3),
        "picky": ("dropped", 1),
        "patient": ("done", 2),
        "slow": ("dead", 1),
        "stubborn": ("dead", 1),
    }
    assert json.loads(runs["fine"]["did"]) == ["did it"]
    assert "RuntimeError: always" in runs["broken"]["trace"]
    assert "HandlerTimeoutError" in runs["slow"]["error"]
    assert site.client.zcard("{vedette}:dead") == 4
    # A run's end is written down before its message is acknowledged.
    until(lambda: site.client.hlen("{vedette}:queue:run.msgs") == 0)
    assert site.client.zcard("{vedette}:schedule") == 0


def test_a_handler_that_exits_its_process_is_quarantined_and_the_others_go_on(site: Any, until: Until) -> None:
    site.plugin("""
@on("error.created")
async def handler(ctx: Context) -> None:
    note(ctx.delivery)
    if ctx.delivery == os.environ["DEADLY"]:
        os._exit(1)
""")
    made = [site.accept(f"issue:{number}") for number in range(6)]
    deadly = site.variables["DEADLY"] = made[2]
    process = site.start()

    def settled() -> bool:
        nonlocal process
        if process.poll() is not None:
            process = site.start()
        return site.states("handler") == {"done": 5, "quarantined": 1}

    until(settled, 60)
    run = site.run(deadly, "handler")
    assert (run["state"], run["crashes"], site.notes().count(deadly)) == ("quarantined", "3", 3)
    assert "3 attempts" in run["error"]


@pytest.mark.alone
def test_at_its_end_a_worker_hands_back_what_is_under_way_and_it_counts_as_nothing(site: Any, until: Until) -> None:
    site.plugin("""
@on("error.created", order=False)
async def handler(ctx: Context) -> None:
    note(f"{ctx.delivery} {ctx.attempt}")
    if not os.environ.get("QUICK"):
        await asyncio.sleep(60)
""")
    made = [site.accept() for _ in range(20)]
    first = site.start("--worker-shutdown-timeout", "300")
    until(lambda: len(site.notes()) == 8)
    began = time.monotonic()
    first.send_signal(signal.SIGTERM)
    assert first.wait(60) == 0
    assert time.monotonic() - began < 5
    # How many were decided before the runs had all threads is chance; every one is in its place in one of the queues.
    queued = [one.partition(":")[0] for one in site.client.lrange("{vedette}:queue:run", 0, -1)]
    assert queued + site.client.lrange("{vedette}:queue:fan_out", 0, -1) == made
    assert site.states("handler") == {"queued": len(queued)}
    site.variables["QUICK"] = "1"
    site.start()
    until(lambda: site.states("handler") == {"done": 20})
    assert {line.partition(" ")[2] for line in site.notes()} == {"1"}
    assert all(site.run(one, "handler").get("crashes") is None for one in made)


def test_order_within_each_subject_is_that_of_acceptance_on_two_processes(site: Any, until: Until) -> None:
    site.plugin("""
@on("error.created", retries=Retries(attempts=20, wait=0.02, longest=0.1))
async def handler(ctx: Context, event: Event) -> None:
    if random.random() < 0.1:
        raise ValueError("bad luck")
    await asyncio.sleep(random.random() * 0.01)
    note(ctx.delivery)
""")
    subjects = [f"issue:{number}" for number in range(1000 if IN_FULL else 30)]
    of = {site.accept(subject): subject for _ in range(20 if IN_FULL else 10) for subject in subjects}
    for _ in range(4 if IN_FULL else 2):
        site.start()
    until(lambda: done(site) == len(of), 600 if IN_FULL else 40)
    seen: dict[str, list[str]] = {subject: [] for subject in subjects}
    for delivery in site.notes():
        seen[of[delivery]].append(delivery)
    expected: dict[str, list[str]] = {subject: [] for subject in subjects}
    for delivery in sorted(of):
        expected[of[delivery]].append(delivery)
    assert seen == expected
    assert site.client.keys("{vedette}:order:*") == []
    assert [name for name in site.client.keys("{vedette}:subject:*") if site.client.zcount(name, 0, 0)] == []


def test_kill_9_on_workers_under_load_loses_no_run(site: Any, until: Until) -> None:
    site.plugin("""
@on("error.created")
async def handler(ctx: Context) -> None:
    await asyncio.sleep(0.01)
    note(ctx.delivery)
""")
    made = [site.accept(f"issue:{number % 50}") for number in range(12_000 if IN_FULL else 600)]
    processes = [site.start(), site.start()]
    for place in range(20 if IN_FULL else 3):
        before = len(site.notes())
        until(lambda before=before: len(site.notes()) > before + 20, 30)
        site.end(processes[place % 2], signal.SIGKILL)
        processes[place % 2] = site.start()
    until(lambda: done(site) == len(made), 600 if IN_FULL else 40)
    assert site.states("handler") == {"done": len(made)}
    assert set(site.notes()) == set(made)


def test_what_no_handler_asks_for_is_decided_without_its_body(site: Any, until: Until) -> None:
    site.plugin("""
@on("issue.created")
async def handler() -> None: ...
""")
    made = [site.accept(body=b"not json") for _ in range(200)]
    site.start()
    until(lambda: all(site.client.hget(f"{{vedette}}:delivery:{one}", "finished") for one in made))
    assert {site.client.hget(f"{{vedette}}:delivery:{one}", "state") for one in made} == {"accepted"}


def test_what_no_handler_asks_for_keeps_the_short_id_that_came_with_it(site: Any, until: Until) -> None:
    site.plugin("")
    delivery = site.accept()
    facts = StoredRecord(
        *(delivery, "", 1, "default", "webhook", "error", "created", "issue:1", "1", 1),
        *("", "", "{}", 2, "", "accepted", "", ""),
        label="SHOP-4K",
    )
    site.client.hset(f"{{vedette}}:delivery:{delivery}", "facts", encode_facts(facts))
    site.start()
    until(lambda: site.client.hget(f"{{vedette}}:delivery:{delivery}", "finished"))
    assert site.client.hget(f"{{vedette}}:delivery:{delivery}", "label") == "SHOP-4K"
