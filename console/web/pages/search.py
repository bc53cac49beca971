"""Answers the search box: an issue, a delivery, a Request-ID or a handler, whichever a text is."""

import re
from typing import Final

from starlette.responses import Response

from console.web.requests import ConsoleRequest, ConsoleRoute, NoSuchPageError
from vedette._core.printable import cropped
from vedette.admin.deliveries import get_deliveries
from vedette.admin.names import current_handlers

_DELIVERY: Final = re.compile(r"[0-9a-z]{26}")
_ISSUE: Final = re.compile(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*-[A-Za-z0-9]+|[0-9]{1,20}")
_REQUEST: Final = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


async def _search(request: ConsoleRequest) -> Response:
    text = request.query("q").strip()
    if not text:
        return request.redirect("/")
    if ":" in text:
        return request.redirect(request.path("/deliveries", q=text))
    if _DELIVERY.fullmatch(text) and await get_deliveries(request.admin, [text]):
        return request.redirect(f"/deliveries/{text}")
    if _REQUEST.fullmatch(text):
        return request.redirect(request.path("/deliveries", q=f"request:{text}"))
    if text in await current_handlers(request.admin.redis):
        return request.redirect(request.path("/deliveries", q=f"handler:{text}"))
    if _ISSUE.fullmatch(text):
        return request.redirect(f"/issues/{text}")
    raise NoSuchPageError(
        f"Nothing is called {cropped(text, 80)}: write an issue such as SHOP-4K, the id of a delivery, a Request-ID "
        "that Sentry shows, or the name of a handler"
    )


ROUTES: Final = (ConsoleRoute("GET", "/search", _search),)
