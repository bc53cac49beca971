"""`ctx.later(...)` in real worker processes, over a kill of Redis.

With VEDETTE_FULL=1 the worker is killed too, between asking and the end of its attempt, and has to be missed.
"""

import json
import os
import signal
from collections.abc import Callable
from typing import Any

Until = Callable[..., Any]
IN_FULL = os.environ.get("VEDETTE_FULL") == "1"
NAGGING = """
@on("error.created")
async def nag(ctx: Context) -> None:
    if ctx.reminder is not None:
        note(f"{ctx.reminder.name} {json.dumps(ctx.reminder.data)}")
        return
    await ctx.later(float(os.environ["AFTER"]), "look", {"asked_by": "nag"})
    note("asked")
    if os.environ.get("DIES") == "1":
        os.kill(os.getpid(), signal.SIGKILL)
    if ctx.attempt == 1:
        raise ValueError("after asking")

@on("error.created")
def plain(ctx: Context) -> None:
    if ctx.reminder is None:
        ctx.note(str(ctx.later(0.1, "look")))

@on("error.created")
async def hasty(ctx: Context) -> None:
    if ctx.reminder is None:
        ctx.later(0.1, "look")
"""


def test_what_is_put_off_runs_once_though_it_was_asked_twice_and_all_were_killed(
    site_on: Any, server: Any, until: Until
) -> None:
    site_on.plugin("import json, signal\n" + NAGGING)
    site_on.variables |= {"AFTER": "1.5", "DIES": "1" if IN_FULL else ""}
    delivery = site_on.accept()
    doomed = site_on.start()
    until(lambda: len(site_on.notes()) == (1 if IN_FULL else 2))
    doomed.send_signal(signal.SIGTERM)
    site_on.end(doomed, signal.SIGKILL) if IN_FULL else doomed.wait(60)
    server.kill()
    server.start()
    del site_on.variables["DIES"]
    site_on.start()
    until(lambda: site_on.client.hget(f"{{vedette}}:delivery:{delivery}", "finished"), 30)
    assert [one for one in site_on.notes() if one != "asked"] == ['look {"asked_by": "nag"}']
    assert site_on.notes().count("asked") == 2
    runs = {name: site_on.run(delivery, name) for name in ("nag", "nag@look", "plain@look", "hasty@look")}
    assert {run["state"] for run in runs.values()} == {"done"}
    assert json.loads(site_on.run(delivery, "plain")["did"]) == [f"{delivery}:plain@look"]
    assert site_on.client.zcard("{vedette}:schedule") == 0
    assert int(runs["nag@look"]["started"]) >= int(runs["nag@look"]["queued"])
