"""Sends people who follow a link of a client to the page of Sentry that it means.

Clients build links to issues from the address that they call, which is the gateway's.
"""

from typing import TYPE_CHECKING

from gateway.rejections import RequestRejected
from gateway.responses import Response, detail_response, rejection_response
from gateway.rest.request_path import split_path

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from gateway.container import GatewayServices


class WebPages:
    """The endpoint of Sentry's web pages, which answers with redirects alone and needs no token."""

    def __init__(self, services: "GatewayServices") -> None:
        urls = {services.settings.integrations[name].sentry_url for name in services.sentry}
        self._sentry_url = urls.pop() if len(urls) == 1 else None

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        del receive
        await self._answer(scope).send(scope, send)

    def _answer(self, scope: "Scope") -> Response:
        if scope["method"] != "GET" or self._sentry_url is None:
            return detail_response(404, "This is the gateway of Vedette: Sentry's API is under /api/0/.", "rejected")
        try:
            split_path(scope["raw_path"])
        except RequestRejected as rejection:
            return rejection_response(rejection)
        # The path was checked, so that it cannot lead to another host.
        path = scope["raw_path"].decode("ascii")
        query = f"?{scope['query_string'].decode('ascii', 'replace')}" if scope["query_string"] else ""
        return Response(302, headers=(("Location", f"{self._sentry_url}{path}{query}"),))
