"""Redis killed, frozen and full while handlers fail and are tried again: nothing lost, nothing stuck, nothing early.

With VEDETTE_FULL=1 each fault lasts 20 seconds, over more runs, and prints its observations.
"""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis

Until = Callable[..., Any]
FLAKY = """
@on("error.created", order=False, retries=Retries(attempts=20, wait=0.3, longest=1))
async def handler(ctx: Context) -> None:
    await asyncio.sleep(0.02)
    if ctx.attempt <= 3:
        raise ValueError("not yet")
    note(ctx.delivery)

@on("error.created", order=False)
async def patient(ctx: Context) -> None:
    if ctx.attempt == 1:
        after = int(ctx.delivery[-2:], 36) % LONGEST + 1
        with open(os.environ["NOTES"] + ".due", "a") as file:
            file.write(f"{ctx.delivery} {time.time() + after}\\n")
        raise Retry("later", after=after)
    with open(os.environ["NOTES"] + ".came", "a") as file:
        file.write(f"{ctx.delivery} {time.time()}\\n")
"""
IN_FULL = os.environ.get("VEDETTE_FULL") == "1"
RUNS = 100 if IN_FULL else 40
LONGEST_DELAY = 30 if IN_FULL else 4
# Frozen: beyond the time after which an answer is given up, and the silence after which a worker is dead.
LASTS = {"killed": 1.5, "frozen": 6.5, "full": 1.5}
LATE = 10.0
"""Seconds by which a delayed run may begin late, on a machine that has other things to do."""


@pytest.mark.parametrize("trouble", ["killed", "frozen", "full"])
def test_no_run_is_lost_and_none_is_stuck(site_on: Any, server: Any, until: Until, trouble: str, capsys: Any) -> None:
    lasts = 20.0 if IN_FULL else LASTS[trouble]
    site_on.plugin(FLAKY.replace("LONGEST", str(LONGEST_DELAY)))
    made = [site_on.accept(f"issue:{number}") for number in range(RUNS)]
    site_on.start()
    until(lambda: site_on.states("handler")["retrying"] > 10)
    if trouble == "killed":
        server.kill()
        time.sleep(lasts)
        server.start()
    elif trouble == "frozen":
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(lasts)
        server.process.send_signal(signal.SIGCONT)
    else:
        site_on.client.config_set("maxmemory", 1)
        time.sleep(lasts)
        site_on.client.config_set("maxmemory", 0)
    over = time.time()
    for handler in ("handler", "patient"):
        until(lambda handler=handler: _states(site_on, handler) == {"done": RUNS}, 60)
    assert Counter(site_on.notes()) == dict.fromkeys(made, 1)
    assert {site_on.run(one, "handler")["attempts"] for one in made} == {"4"}
    assert all("crashes" not in site_on.run(one, "handler") for one in made)
    until(lambda: site_on.client.hlen("{vedette}:queue:run.msgs") == 0)
    assert site_on.client.zcard("{vedette}:schedule") == 0
    due, came = (_moments(site_on.folder / f"notes.{name}") for name in ("due", "came"))
    late = [came[one] - max(due[one], over) for one in made if came[one] > over]
    assert all(came[one] >= due[one] for one in made)
    latest = max(late)
    assert latest < LATE
    if IN_FULL:
        with capsys.disabled():
            sys.stdout.write(
                f"\n{trouble} for {lasts:g} s: {len(late)} runs came after it, {latest:.2f} s late at most\n"
            )


def _moments(path: Path) -> dict[str, float]:
    return {delivery: float(moment) for delivery, moment in (line.split() for line in path.read_text().splitlines())}


def _states(site: Any, handler: str) -> Counter[str]:
    try:
        return site.states(handler)
    except redis.RedisError:
        return Counter()
