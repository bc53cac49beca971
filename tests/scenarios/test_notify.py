"""Messages through real processes: an issue in the simulated Sentry reaches people, and a burst is one message."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.testing.servers import served as serving


def test_a_flood_of_issues_is_two_messages_in_the_audit_and_the_address_is_in_no_log(
    vedette: Any, served: Any, until: Callable[..., Any]
) -> None:
    posts: list[dict[str, Any]] = []

    async def take(request: Request) -> Response:
        posts.append(await request.json())
        return Response("ok")

    with serving(Starlette(routes=[Route("/{path:path}", take, methods=["POST"])])) as url:
        (vedette.folder / "vedette.toml").write_text(
            f'[channels.ops]\nkind = "slack"\nurl = "{url}/services/topsecret"\n'
            '[handlers.notify]\nsend = [{ to = "ops" }]\ngather = "2s"\n'
        )
        up = vedette.start("up")
        up.wait_for("webhook URL")
        for number in range(4):
            served.create(project="storefront", type=f"Error{number}", value="odd")
        until(lambda: len(posts) >= 2)
        assert [post["text"].partition(" ")[0] for post in posts] == ["New", "3"]
        until(lambda: vedette.run("audit").count("done") == 2)
        assert "notified ops: 3 more issues" in vedette.run("audit")
        assert "set `runbooks` under [handlers.runbook]" in vedette.run("handlers")
    assert "topsecret" not in up.story()
