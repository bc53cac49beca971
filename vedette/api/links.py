"""The next page's cursor out of Sentry's Link header.

Only the cursor is taken: the URL around it is built from the server's own idea of its host, and the token must not
follow it anywhere.
"""

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

_LONGEST: Final = 4096
"""Characters that are looked at; Sentry's own two links take some 400."""
_LINK: Final = re.compile(r"<(?P<url>[^<>]*+)>(?P<parameters>(?:\s*+;\s*+[\w-]++\s*+=\s*+\"[^\"]*+\")*+)")
_PARAMETER: Final = re.compile(r"(?<![\w-])([\w-]++)\s*+=\s*+\"([^\"]*+)\"")


def next_cursor(header: str | None) -> str | None:
    """The cursor of the page after this one; None where this is the last, or where no header came (a direct hit)."""
    for link in _LINK.finditer((header or "")[:_LONGEST]):
        parameters = dict(_PARAMETER.findall(link["parameters"]))
        if parameters.get("rel") == "next":
            if parameters.get("results", "true") != "true":
                return None
            return parameters.get("cursor") or _from_url(link["url"])
    return None


def _from_url(url: str) -> str | None:
    try:
        query = urlsplit(url).query
    except ValueError:
        return None
    return next(iter(parse_qs(query).get("cursor", [])), None)
