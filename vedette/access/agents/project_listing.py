"""Caches the projects of an organization, to limit searches of the whole organization to the granted ones."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Final

from cachetools import TTLCache

from vedette._core.json_values import json_list, json_object
from vedette.api.call import Call, Transport
from vedette.api.operations import OPERATIONS
from vedette.api.paging import next_cursor
from vedette.permissions.grants import Grant

_KEPT: Final = 60.0
"""Seconds for which a new project may go unnoticed; a deleted one only yields no results."""
_MOST_PAGES: Final = 50
_KEY: Final = "all"


@dataclass(frozen=True, slots=True)
class ProjectListing:
    """The projects of one integration's organization."""

    organization: str
    _cache: TTLCache[str, dict[str, str]] = field(default_factory=lambda: TTLCache[str, dict[str, str]](1, ttl=_KEPT))
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def granted_ids(self, grant: Grant, transport: Transport, call: Call) -> list[str]:
        """Return the ids of the projects that a grant covers.

        Args:
            grant: The grant.
            transport: The connection to Sentry, past the gate.
            call: The call that needs them; its priority applies.

        Raises:
            SentryError: They could not be read.
        """
        async with self._turn:
            known = self._cache.get(_KEY)
            if known is None:
                known = self._cache[_KEY] = await self._read(transport, call)
        return [identifier for identifier, slug in known.items() if grant.covers_project(slug)]

    async def _read(self, transport: Transport, call: Call) -> dict[str, str]:
        parameters = {"organization_id_or_slug": self.organization}
        listing = Call(OPERATIONS["organizations.projects"], parameters, lane=call.lane, before_send=call.before_send)
        found: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            answer = await transport.send(listing)
            body: object = answer.body
            for item in json_list(body) if isinstance(body, list) else []:
                values = json_object(item)
                found[str(values.get("id", ""))] = str(values.get("slug", ""))
            cursor = next_cursor(answer.header("Link"))
            if cursor is None:
                break
            listing = replace(listing, query=(("cursor", cursor),))
        return found
