"""Checks each request before a route sees it, and adds the headers that protect each answer.

`Host` is checked against DNS rebinding. A request that changes something has to come from the console's own pages,
which browsers state in `Sec-Fetch-Site`, and older ones in `Origin`; no hidden form fields are needed. A program with a
token sends neither, and is no browser that could be made to send the token.
"""

from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response

from console.web.address import ConsoleAddress

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types vedette"
)
"""The Content-Security-Policy of each page."""
_HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE: Final = frozenset({"GET", "HEAD"})
_API: Final = "/api/"
_HEALTH: Final = "/health/"
_FILES: Final = "/static/"


class Guard:
    """An ASGI middleware around the whole application."""

    def __init__(self, app: "ASGIApp", address: ConsoleAddress) -> None:
        """Protect an application.

        Args:
            app: The application.
            address: The console's address.
        """
        self._app = app
        self.address = address

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Refuse the request, or pass it on without the prefix of its path."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        scope = self._without_prefix(scope)
        path = scope["path"]

        async def send_protected(message: "Message") -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-cache" if path.startswith(_FILES) else "no-store")
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_protected)

    def _without_prefix(self, scope: "Scope") -> "Scope":
        """Return the request as below no path; a proxy may have removed the prefix already."""
        prefix, path = self.address.prefix, scope["path"]
        if prefix and (path == prefix or path.startswith(f"{prefix}/")):
            return {**scope, "path": path[len(prefix) :] or "/"}
        return scope

    def _refusal(self, scope: "Scope") -> Response | None:
        headers, path, method = Headers(scope=scope), scope["path"], scope["method"]
        if path.startswith(_HEALTH) and method in _SAFE:
            # Probes send the address of a container; the answer holds nothing but a state.
            return None
        host = headers.get("host", "")
        if len(headers.getlist("host")) != 1 or not self.address.is_host(host):
            return _refuse(421, "This console does not answer under this name: set console.url to the address it has.")
        if method in _SAFE:
            return None if _may_read(headers) else _refuse(403, "Another site may not read from the console.")
        if path.startswith(_API) and "authorization" in headers:
            return None
        if not self._is_own(headers, host):
            return _refuse(403, "The request does not come from the console's own pages: open the page and try again.")
        return None

    def _is_own(self, headers: Headers, host: str) -> bool:
        """Return whether the console's own pages sent a request, as far as the browser says."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is None:
            return origin is not None and self.address.is_origin(origin, host)
        # A page without a referrer, such as the one of a one-time link, sends `null`.
        return site == "same-origin" and (origin in {None, "null"} or self.address.is_origin(origin or "", host))


def _may_read(headers: Headers) -> bool:
    """Return whether a request that reads is one of the console's pages, of a program, or a link that was followed."""
    site = headers.get("sec-fetch-site", "none")
    if site in {"same-origin", "none"}:
        return True
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


def _refuse(status: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status)
