"""Pagination: lists that come in pages, as one async iteration.

Sentry's pages can be shorter than requested while more follow, and lists counted by offset shift under inserts: only
the Link header says whether there is more, and objects of an earlier page are not given twice. Of the header only the
cursor is used: its URL is built from the server's own idea of its host, and the token must not follow it anywhere.
"""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic
from urllib.parse import parse_qs, urlsplit

from vedette._core.json_values import json_object
from vedette.api.call import Answer, Call
from vedette.api.errors import Detail, UnreadableAnswer
from vedette.api.resources._caller import ApiCaller, Model, validated
from vedette.api.response_parsing import as_list, as_object

_LONGEST: Final = 4096
"""Characters that are looked at; Sentry's own two links take some 400."""
_LINK: Final = re.compile(r"<(?P<url>[^<>]*+)>(?P<parameters>(?:\s*+;\s*+[\w-]++\s*+=\s*+\"[^\"]*+\")*+)")
_PARAMETER: Final = re.compile(r"(?<![\w-])([\w-]++)\s*+=\s*+\"([^\"]*+)\"")


def identifier(data: Any) -> str | None:
    """Return the id of a listed object, as text, or None."""
    found = json_object(data).get("id")
    return None if found is None else str(found)


@dataclass(slots=True)
class Pages(Generic[Model]):
    """The objects that an operation lists, page by page: `async for issue in sentry.issues.search(...)`.

    A page is read when its first object is asked for; to stop early costs nothing.
    """

    core: ApiCaller
    model: type[Model]
    call: Call
    rows: str | None = None
    """The field that holds the list, where the answer is an object."""
    seen_as: Callable[[Any], str | None] = identifier
    """Returns the identity of an object; None for objects that are never the same."""
    hits: int | None = field(default=None, init=False)
    """The total number, if Sentry stated it with the first page; it counts to 1000 at most."""

    async def __aiter__(self) -> AsyncIterator[Model]:
        """Go through all objects."""
        seen: set[str] = set()
        async for call, answer in self._pages():
            data = as_object(call, answer).get(self.rows, []) if self.rows else as_list(call, answer)
            for item in data:
                name = self.seen_as(item)
                if name is not None and name in seen:
                    continue
                if name is not None:
                    seen.add(name)
                yield validated(self.model, item, call, answer)

    async def _pages(self) -> AsyncIterator[tuple[Call, Answer]]:
        call, cursors = self.call, set[str]()
        while True:
            answer = await self.core.send(call)
            hits = answer.header("X-Hits") or ""
            if not cursors and hits.isdigit():
                self.hits = int(hits)
            yield call, answer
            cursor = next_cursor(answer.header("Link"))
            if cursor is None:
                return
            if cursor in cursors:
                detail = Detail("the same page follows itself")
                raise UnreadableAnswer(call, status=answer.status, detail=detail, headers=answer.headers)
            cursors.add(cursor)
            rest = tuple((name, value) for name, value in self.call.query if name != "cursor")
            call = replace(self.call, query=(*rest, ("cursor", cursor)))

    async def collect(self, most: int | None = None) -> list[Model]:
        """Return all objects, or the first `most`, as a list."""
        found: list[Model] = []
        if most is not None and most <= 0:
            return found
        async for each in self:
            found.append(each)
            if len(found) == most:
                break
        return found

    async def first(self) -> Model | None:
        """Return the first object, or None."""
        return next(iter(await self.collect(1)), None)


@dataclass(frozen=True, slots=True)
class PageLink:
    """A neighbouring page, as the header `Link` describes it."""

    relation: str
    """`previous` or `next`."""
    has_results: bool
    cursor: str


def page_links(header: str | None) -> list[PageLink]:
    """Return the links of a header that hold a cursor; of the addresses in it, nothing else is read."""
    found: list[PageLink] = []
    for link in _LINK.finditer((header or "")[:_LONGEST]):
        parameters = dict(_PARAMETER.findall(link["parameters"]))
        cursor = parameters.get("cursor") or _from_url(link["url"])
        if cursor:
            found.append(PageLink(parameters.get("rel", ""), parameters.get("results", "true") == "true", cursor))
    return found


def next_cursor(header: str | None) -> str | None:
    """Return the cursor of the next page; None for the last one, or without a header (a direct hit)."""
    link = next((each for each in page_links(header) if each.relation == "next"), None)
    return link.cursor if link is not None and link.has_results else None


def _from_url(url: str) -> str | None:
    try:
        query = urlsplit(url).query
    except ValueError:
        return None
    return next(iter(parse_qs(query).get("cursor", [])), None)
