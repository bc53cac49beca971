"""Redis killed, frozen and full while handlers fail and are tried again: nothing lost, nothing stuck."""

import signal
import time
from collections import Counter
from collections.abc import Callable
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
"""
RUNS = 40


@pytest.mark.parametrize("trouble", ["killed", "frozen", "full"])
def test_no_run_is_lost_and_none_is_stuck(site_on: Any, server: Any, until: Until, trouble: str) -> None:
    site_on.plugin(FLAKY)
    made = [site_on.accept(f"issue:{number}") for number in range(RUNS)]
    site_on.start()
    until(lambda: site_on.states("handler")["retrying"] > RUNS // 4)
    if trouble == "killed":
        server.kill()
        time.sleep(1.5)
        server.start()
    elif trouble == "frozen":
        server.process.send_signal(signal.SIGSTOP)
        # Beyond the time after which an answer is given up, and the silence after which a worker is dead.
        time.sleep(6.5)
        server.process.send_signal(signal.SIGCONT)
    else:
        site_on.client.config_set("maxmemory", 1)
        time.sleep(1.5)
        site_on.client.config_set("maxmemory", 0)
    until(lambda: _states(site_on) == {"done": RUNS}, 30)
    assert Counter(site_on.notes()) == dict.fromkeys(made, 1)
    assert {site_on.run(one, "handler")["attempts"] for one in made} == {"4"}
    assert all("deaths" not in site_on.run(one, "handler") for one in made)
    until(lambda: site_on.client.hlen("{vedette}:queue:run.msgs") == 0)
    assert site_on.client.zcard("{vedette}:schedule") == 0


def _states(site: Any) -> Counter[str]:
    try:
        return site.states("handler")
    except redis.RedisError:
        return Counter()
