"""What handlers did in Sentry, after workers were killed in the middle of it again and again.

With VEDETTE_FULL=1 it goes through 20 kills, which takes minutes.
"""

import json
import os
import signal
from collections.abc import Callable
from typing import Any

IN_FULL = os.environ.get("VEDETTE_FULL") == "1"
ISSUES = 600 if IN_FULL else 30
KILLS = 20 if IN_FULL else 2
PLUGIN = """
import asyncio
from vedette import Event, Sentry, on

@on("issue.created", needs=("event:write",))
async def greet(event: Event, sentry: Sentry) -> None:
    await sentry.issues.set_priority(event.issue_id, "low")
    await asyncio.sleep(0.05)
    if not [comment async for comment in sentry.issues.comments(event.issue_id)]:
        await sentry.issues.comment(event.issue_id, "seen")
"""
SETTINGS = """
plugins = ["greet.py"]

[handlers.triage]
enabled = false

[handlers.greet]
mode = "act"

[handlers.greet.grant]
scopes = ["event:write"]
"""


def test_each_effect_is_there_once_however_often_workers_are_killed(
    vedette: Any, served: Any, redis_url: str, until: Callable[..., Any]
) -> None:
    (vedette.folder / "greet.py").write_text(PLUGIN)
    (vedette.folder / "vedette.toml").write_text(SETTINGS)
    vedette.variables |= {"VEDETTE_REDIS_URL": redis_url, "VEDETTE_WORKER__THREADS": "4"}
    vedette.start("receiver")
    until(vedette.is_ready)
    made = [served.create(project="storefront", type=f"Error{one}", value="again")["id"] for one in range(ISSUES)]
    assert len(set(made)) == ISSUES

    def greeted() -> list[dict[str, Any]]:
        return [one for one in served.issues() if one["id"] in made and one["comments"]]

    workers = [vedette.start("worker") for _ in range(2)]
    for place in range(KILLS):
        wanted = min(len(greeted()) + 4, ISSUES - 8)
        until(lambda wanted=wanted: len(greeted()) >= wanted, 60)
        os.killpg(workers[place % 2].process.pid, signal.SIGKILL)
        workers[place % 2] = vedette.start("worker")
    listing = ("runs", "--handler", "greet", "--json", "--limit", str(2 * ISSUES))
    until(lambda: len(greeted()) == ISSUES, 120)
    until(lambda: [json.loads(line)["state"] for line in vedette.run(*listing).splitlines()] == ["done"] * ISSUES, 60)
    assert {(one["priority"], tuple(one["comments"])) for one in greeted()} == {("low", ("seen",))}
