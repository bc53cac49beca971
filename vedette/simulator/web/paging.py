"""Cursor paging with Link headers as Sentry writes them: both relations on every page, absolute URLs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request
from vedette.simulator.world.id_parsing import as_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.datastructures import QueryParams

Item = TypeVar("Item")

PAGE = 100
"""Objects per page when nothing is asked for, and the most that may be."""
MAX_HITS = 1000


def page_size(query: QueryParams, name: str) -> int:
    """Return how many objects a page shall have; too many or no number is a 400."""
    text = query.get(name)
    if text is None:
        return PAGE
    number = as_id(text)
    if number is None or not 1 <= number <= PAGE:
        raise bad_request(f"Invalid {name} value. Must be between 1 and {PAGE}.")
    return number


def offset_of(query: QueryParams) -> int:
    """Return where the page begins; the cursor is `value:offset:is_prev`, of which only the offset is used here."""
    text = query.get("cursor")
    if not text:
        return 0
    match = re.fullmatch(r"[0-9]{1,20}:([0-9]{1,20}):[01]", text)
    if match is None:
        raise bad_request("Invalid cursor parameter.")
    return int(match[1])


def paginate(
    call: ApiCall, items: Sequence[Item], as_json: Callable[[Item], Any], *, size: str = "per_page", hits: bool = False
) -> EndpointResponse:
    """Return one page of `items`. Issue lists name the page's size `limit`, all others `per_page`."""
    limit, offset = page_size(call.query, size), offset_of(call.query)
    page = items[offset : offset + limit]
    more = offset + limit < len(items)
    previous = _link(call, "previous", f"0:{max(offset - limit, 0)}:1", results=offset > 0)
    following = _link(call, "next", f"0:{offset + limit}:0", results=more)
    headers = {"Link": f"{previous}, {following}"}
    if hits:
        headers |= {"X-Hits": str(min(len(items), MAX_HITS)), "X-Max-Hits": str(MAX_HITS)}
    return EndpointResponse([as_json(item) for item in page], headers=headers)


def _link(call: ApiCall, relation: str, cursor: str, *, results: bool) -> str:
    kept = [(name, value) for name, value in call.query.multi_items() if name != "cursor"]
    url = f"{call.world.base_url}{call.url_path}?{urlencode([*kept, ('cursor', cursor)])}"
    return f'<{url}>; rel="{relation}"; results="{str(results).lower()}"; cursor="{cursor}"'
