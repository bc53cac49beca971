"""What operators do about runs that ended badly, with the real command line and real workers."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

FAILING = """
@on("error.created", retries=1)
async def handler(ctx: Context) -> None:
    note(ctx.delivery)
    if not os.environ.get("MENDED"):
        raise ValueError("not mended")
"""


def vedette(site: Any, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "console", *arguments],
        cwd=site.folder,
        env={"VEDETTE_REDIS_URL": site.url, "VEDETTE_CLIENT_SECRET": "s" * 32},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout + done.stderr


def listed(site: Any, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in vedette(site, *arguments, "--json").splitlines()]


def test_dead_runs_are_listed_shown_replayed_and_discarded(site: Any, until: Callable[..., Any]) -> None:
    site.plugin(FAILING)
    made = [site.accept(f"issue:{number}") for number in range(4)]
    process = site.start()
    until(lambda: site.states("handler") == {"dead": 4})
    dead = listed(site, "dead", "--handler", "handler", "--resource", "error")
    assert {one["delivery"] for one in dead} == set(made)
    assert (dead[0]["error"], dead[0]["attempts"], dead[0]["state"]) == ("ValueError: not mended", 1, "dead")
    assert listed(site, "dead", "--handler", "runbook") == listed(site, "dead", "--issue", "nothing") == []
    assert "there is no handler other" in vedette(site, "dead", "--handler", "other", code=2)
    shown = vedette(site, "dead", "show", f"{made[0]}:handler")
    assert "raise ValueError" in shown
    assert "not mended" in vedette(site, "dead")
    assert "1 discarded" in vedette(site, "dead", "discard", f"{made[0]}:handler")
    assert "lists them all" in vedette(site, "dead", "show", f"{made[0]}:handler", code=1)
    site.end(process, 15)
    site.variables["MENDED"] = "1"
    site.start()
    assert "1 replayed" in vedette(site, "replay", made[1], "--handler", "handler")
    assert "2 replayed" in vedette(site, "replay", "--dead", "--handler", "handler", "--rate", "10")
    until(lambda: site.states("handler") == {"done": 3, "discarded": 1})
    assert "1 replayed" in vedette(site, "replay", made[0])
    until(lambda: site.states("handler") == {"done": 4})
    assert listed(site, "dead") == []
    rows = listed(site, "runs", "--state", "done", "--limit", "2")
    assert [(row["handler"], row["state"], row["resource"]) for row in rows] == [("handler", "done", "error")] * 2
    assert "handler" in vedette(site, "runs")


def test_wrong_usage_says_what_is_right(site: Any) -> None:
    assert "Name a delivery" in vedette(site, "replay", code=2)
    assert "DELIVERY:HANDLER" in vedette(site, "dead", "discard", "x", code=2)
    assert "--all" in vedette(site, "dead", "discard", code=2)
    assert "there is no delivery" in vedette(site, "replay", "nowhere", code=1)
    assert "cannot be read" in vedette(site, "runs", "--since", "yesterday", code=2)


def test_what_waits_for_its_time_is_listed_and_can_be_cancelled(site: Any, until: Callable[..., Any]) -> None:
    site.plugin("""
@on("error.created")
async def handler(ctx: Context) -> None:
    note(ctx.delivery)
    if len(open(os.environ["NOTES"]).readlines()) == 1:
        raise Retry("come back tomorrow", after="24h")
""")
    first, second = site.accept(), site.accept()
    site.variables["VEDETTE_WORKER__MAX_AGE"] = "1e6"
    site.variables["VEDETTE_WORKER__HOLD"] = "1e6"
    site.start()
    until(lambda: site.states("handler") == {"retrying": 1, "waiting": 1})
    (entry,) = listed(site, "schedule")
    assert (entry["delivery"], entry["handler"], entry["why"]) == (first, "handler", "come back tomorrow")
    assert "come back tomorrow" in vedette(site, "schedule")
    assert "cancelled" in vedette(site, "schedule", "cancel", entry["id"])
    until(lambda: site.states("handler") == {"dropped": 1, "done": 1})
    assert site.notes() == [first, second]
    assert "lists what waits" in vedette(site, "schedule", "cancel", entry["id"], code=1)
    assert listed(site, "schedule") == []
