"""Rebuilds Sentry's header `Link` with the address of the gateway.

Sentry's own links name its host, where an agent's token is unknown. Of them the cursor alone is taken; the address is
the configured one and never the header `Host`, which anyone may send.
"""

import re
from typing import Final
from urllib.parse import urlencode

from gateway.rest.request_query import Pairs
from vedette.api.paging import page_links

_CURSOR: Final = re.compile(r"[0-9A-Za-z:_.=\-]{1,200}")


def rebuild_links(header: str | None, address: str, query: Pairs) -> str | None:
    """Return the header for the agent; None if Sentry sent none that can be read.

    Args:
        header: As Sentry sent it.
        address: The address of the request, from the configured one.
        query: The query of the request.
    """
    rest = tuple((name, value) for name, value in query if name != "cursor")
    rebuilt = [
        f'<{address}?{urlencode((*rest, ("cursor", link.cursor)))}>; rel="{link.relation}"; '
        f'results="{"true" if link.has_results else "false"}"; cursor="{link.cursor}"'
        for link in page_links(header)
        if link.relation in {"previous", "next"} and _CURSOR.fullmatch(link.cursor)
    ]
    return ", ".join(rebuilt) or None
