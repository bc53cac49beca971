"""The watchdog in real processes: the channel gets fault, mend and end, and doctor says the same."""

import json
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.scenarios.conftest import HTTP
from vedette.testing.servers import served as serving

PLUGIN = """
from vedette import Event, on

@on("issue.created", needs=("project:admin",))
async def greet(event: Event) -> None:
    pass
"""
SETTINGS = """
plugins = ["greet.py"]

[channels.ops]
kind = "webhook"
url = "URL/ops"

[alarms]
channel = "ops"

[watchdog]
interval = 2
"""


def test_a_disabled_integration_is_told_in_the_channel_and_by_doctor(
    vedette: Any, served: Any, until: Callable[..., Any]
) -> None:
    posts: list[str] = []

    async def take(request: Request) -> Response:
        posts.append(json.dumps(await request.json()))
        return Response("ok")

    def told(text: str) -> bool:
        return any(text in post for post in posts)

    with serving(Starlette(routes=[Route("/ops", take, methods=["POST"])])) as url:
        (vedette.folder / "vedette.toml").write_text(SETTINGS.replace("URL", url))
        (vedette.folder / "greet.py").write_text(PLUGIN)
        up = vedette.start("up")
        # A worker says at its start what its handlers cannot do.
        until(lambda: "greet: its grant lacks project:admin" in "".join(up.errors))
        HTTP.post(f"{served.url}/_simulator/faults", json={"kind": "disabled"})
        until(lambda: told("Sentry's staff has disabled the integration vedette"))
        until(lambda: told("vedette doctor --integration default"))
        assert "1. Write to Sentry's support" in vedette.run("doctor", code=2)
        HTTP.delete(f"{served.url}/_simulator/faults")
        until(lambda: len(posts) >= 2)
        assert len(posts) == 2, posts
