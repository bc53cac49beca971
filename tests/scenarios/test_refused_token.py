"""A token that is revoked under load: no run dies, one message, and with a new token everything is handled.

With VEDETTE_FULL=1 it goes through 400 issues instead of 24.
"""

import json
import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.scenarios.conftest import HTTP, TOKEN
from vedette.testing.servers import served as serving

IN_FULL = os.environ.get("VEDETTE_FULL") == "1"
ISSUES = 400 if IN_FULL else 24
NEW_TOKEN = "sntryi_" + "b" * 64
PLUGIN = """
from vedette import Event, Retries, Sentry, on

@on("issue.created", needs=("event:write",), retries=Retries(attempts=1))
async def greet(event: Event, sentry: Sentry) -> None:
    await sentry.issues.get(event.issue_id)
    await sentry.issues.set_priority(event.issue_id, "low")
    if not [comment async for comment in sentry.issues.comments(event.issue_id)]:
        await sentry.issues.comment(event.issue_id, "seen")

@on("issue.created")
async def count(event: Event) -> None:
    with open("counted", "a") as file:
        file.write("x")
"""
SETTINGS = """
plugins = ["greet.py"]

[channels.ops]
kind = "webhook"
url = "URL/ops"

[alarms]
channel = "ops"

[handlers.triage]
enabled = false

[handlers.greet]
mode = "act"

[handlers.greet.grant]
scopes = ["event:write"]
"""


def check_what_is_shown(vedette: Any, waiting: int) -> None:
    run = json.loads(vedette.run("runs", "--handler", "greet", "--json", "--state", "waiting", "--limit", "1"))
    assert (run["attempts"], run["reason"]) == (0, "Sentry refuses the token of default")
    assert "Sentry refuses the token of default" in vedette.run("explain", run["delivery"])
    screen = vedette.run("status", code=2)
    assert "sentry default  broken" in screen
    assert f"{waiting} runs wait" in " ".join(screen.split())


def test_a_token_that_is_revoked_under_load_loses_nothing(
    vedette: Any, generous: Any, redis_url: str, until: Callable[..., Any], connect: Callable[[str], Any]
) -> None:
    posts: list[dict[str, Any]] = []

    async def take(request: Request) -> Response:
        posts.append(await request.json())
        return Response("ok")

    def states() -> dict[str, int]:
        with connect(redis_url) as client:
            return dict(Counter(client.hget(name, "state").decode() for name in client.keys("{vedette}:run:*:greet")))

    def worker_ids() -> set[bytes]:
        with connect(redis_url) as client:
            return set(client.zrange("{vedette}:workers", 0, -1))

    def replace_token(**body: str) -> None:
        assert HTTP.post(f"{generous.url}/_simulator/tokens", json=body).status_code == 204

    def create(number: int) -> str:
        return generous.create(project="storefront", type=f"Error{number}", value="again")["id"]

    (vedette.folder / "greet.py").write_text(PLUGIN)
    vedette.variables |= {"VEDETTE_REDIS_URL": redis_url, "VEDETTE_WORKER__THREADS": "8"}
    with serving(Starlette(routes=[Route("/{path:path}", take, methods=["POST"])])) as url:
        (vedette.folder / "vedette.toml").write_text(SETTINGS.replace("URL", url))
        vedette.start("receiver")
        until(vedette.is_ready)
        workers = [vedette.start("worker") for _ in range(2)]
        made = [create(number) for number in range(ISSUES // 4)]
        until(lambda: states().get("done", 0) >= ISSUES // 8, 60)

        replace_token()
        made += [create(number) for number in range(ISSUES // 4, ISSUES)]
        until(lambda: len(posts) == 1, 60)
        assert posts[0]["title"].startswith("Sentry refuses the token of integration default (401 Invalid token)")
        # Handlers that need no token go on.
        until(lambda: len((vedette.folder / "counted").read_text()) == ISSUES, 60)
        until(lambda: set(states()) <= {"done", "waiting"}, 60)
        waiting = states()["waiting"]
        calls = generous.state()["calls"]
        assert waiting >= ISSUES // 2
        check_what_is_shown(vedette, waiting)
        # A worker that is killed and starts with the same token neither tries the runs nor reports anything.
        before = worker_ids()
        os.killpg(workers[0].process.pid, signal.SIGKILL)
        workers[0] = vedette.start("worker")
        until(lambda: worker_ids() - before)
        assert states() == {"done": ISSUES - waiting, "waiting": waiting}

        replace_token(token=NEW_TOKEN)
        assert states()["waiting"] == waiting
        assert generous.state()["calls"] - calls < 20
        vedette.variables["VEDETTE_TOKEN"] = NEW_TOKEN
        # One by one, so that workers with the old and the new token run beside each other.
        for place in range(2):
            workers[place].end()
            workers[place] = vedette.start("worker")
        until(lambda: states() == {"done": ISSUES}, 120)
        until(lambda: len(posts) == 2, 30)
        assert posts[1]["title"].startswith("Over: ")
        assert vedette.run("dead") == "Nothing is dead.\n"
        greeted = [(one["priority"], *one["comments"]) for one in generous.issues() if one["id"] in made]
        assert greeted == [("low", "seen")] * ISSUES
    assert TOKEN not in "".join(worker.story() for worker in workers)
