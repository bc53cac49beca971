"""Answers the page Deliveries: all that are kept, by filters that are in the URL."""

import shlex
from typing import Final

from starlette.responses import Response

from console.web.delivery_rows import make_row
from console.web.delivery_search import DeliverySearchForm, read_search
from console.web.requests import ConsoleRequest, ConsoleRoute
from vedette.admin.deliveries import count_deliveries, page_deliveries
from vedette.admin.filters import STATES

_PAGE: Final = 50


async def _show(request: ConsoleRequest) -> Response:
    search = read_search(request.http.query_params)
    wanted = search.to_filter(_PAGE)
    cursor = request.query("cursor")
    page = await page_deliveries(request.admin, wanted, cursor)
    count = await count_deliveries(request.admin, wanted)
    query = search.to_query()
    return request.render(
        "deliveries.html",
        search=search,
        states=STATES,
        rows=[make_row(*found) for found in page.rows],
        count=count,
        next=request.url("/deliveries", **query, cursor=page.cursor) if page.cursor else "",
        first=request.url("/deliveries", **query) if cursor else "",
        words=_words(search),
    )


def _words(search: DeliverySearchForm) -> str:
    """Return the command that lists the same."""
    words = ["vedette", "deliveries"]
    for name, value in search.to_options().items():
        words += [f"--{name}", value]
    return shlex.join(words)


ROUTES: Final = (ConsoleRoute("GET", "/deliveries", _show),)
