"""Logs requests with the person or program that made them, and without secrets."""

import time
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_QUIET: Final = ("/static/", "/health/")
_LINK: Final = "/in/"
_LONGEST: Final = 200


class AccessLog:
    """An ASGI middleware that logs each request but those for files and health."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app
        self._log = structlog.stdlib.get_logger(__name__)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, and log it with its status."""
        if scope["type"] != "http" or scope["path"].startswith(_QUIET):
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0
        state = scope.setdefault("state", {})

        async def send_noting(message: "Message") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            self._log.info(
                "request",
                method=scope["method"],
                path=_path(scope["path"]),
                status=status,
                who=state.get("who", ""),
                took=round((time.monotonic() - began) * 1000),
            )


def _path(path: str) -> str:
    """Return a path for the log; the one of a sign-in link is a secret."""
    return f"{_LINK}***" if _LINK in path else path[:_LONGEST]
