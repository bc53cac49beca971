"""Finds deliveries and dead letters through their indexes, each page in one round trip.

A query takes the narrowest index of its conditions and compares the rest, one delivery after the other, for a bounded
number of steps: a page may therefore hold fewer than asked for, and still have a cursor to continue with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from vedette.store.runs.run import codes_of
from vedette.store.search.cursor import Cursor
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import PREFIX
from vedette.store.server.scripts import search_script

STEPS = 10_000
"""Members of an index that one call looks at: less than 100 ms of the server's time."""
_UNDECIDED = 5000
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True)
class DeliveryQuery:
    """Conditions on deliveries; an empty one holds for all."""

    since: int = 0
    """Unix time in milliseconds, as is `until`."""
    until: int = 0
    issue: str = ""
    """Id or short id."""
    rule: str = ""
    """A rule that matched."""
    resource: str = ""
    handler: str = ""
    states: tuple[str, ...] = ()
    """One of its runs, of `handler` where that is given, is in one of these states."""
    rebuilt: bool = False


@dataclass(frozen=True)
class FoundIds:
    """One page of ids."""

    ids: list[str]
    following: Cursor | None
    """Where the next page begins; None at the end."""
    looked: int
    """How many members of the index were looked at."""


class DeliverySearch:
    """Queries for deliveries in Redis."""

    def __init__(self, client: RedisClient, tenants: Sequence[str] = ()) -> None:
        """Prepare.

        Args:
            client: Redis.
            tenants: Those of the settings; those of which short ids are known are added.
        """
        self._tenants = list(tenants)
        names = ("find_deliveries", "find_dead_letters", "find_requests", "find_labels")
        self._scripts = {name: client.register_script(search_script(f"search/{name}")) for name in names}

    async def deliveries(
        self, query: DeliveryQuery, *, limit: int, cursor: Cursor | None = None, steps: int = STEPS
    ) -> FoundIds:
        """Return the ids of the deliveries for which a query holds, the newest first.

        Args:
            query: The conditions.
            limit: At most so many.
            cursor: Where the page before ended.
            steps: Members of an index to look at.
        """
        arguments = [
            *(limit, steps, _from(cursor), query.since, query.until, query.issue, self._tenants, query.rule),
            *(query.resource, query.rebuilt, query.handler, codes_of(query.states), bool(query.states)),
        ]
        return _page(await self._scripts["find_deliveries"](keys=[PREFIX], args=[_encode(arguments)]))

    async def dead_letters(
        self, query: DeliveryQuery, *, limit: int, cursor: Cursor | None = None, steps: int = STEPS
    ) -> FoundIds:
        """Return the ids (`DELIVERY:HANDLER`) of dead letters, those that ended last first.

        Args:
            query: The conditions; its times are those of the end.
            limit: At most so many.
            cursor: Where the page before ended.
            steps: Dead letters to look at.
        """
        arguments = [
            *(limit, steps, _from(cursor), query.since, query.until, query.issue, self._tenants, query.resource),
            *(query.handler, codes_of(query.states), bool(query.states)),
        ]
        return _page(await self._scripts["find_dead_letters"](keys=[PREFIX], args=[_encode(arguments)]))

    async def by_request(self, request: str) -> list[str]:
        """Return the ids of the deliveries that came with Sentry's Request-ID, the oldest first."""
        found = await self._scripts["find_requests"](keys=[PREFIX], args=[request, _UNDECIDED])
        return [identifier.decode() for identifier in found]

    async def labels(self, issues: Sequence[tuple[str, str]]) -> list[str]:
        """Return how people call issues, such as `SHOP-4K`; empty where that is not known.

        Args:
            issues: Each one's tenant and id.
        """
        found = await self._scripts["find_labels"](keys=[PREFIX], args=[part for pair in issues for part in pair])
        return [label.decode(errors="replace") for label in found]


def _from(cursor: Cursor | None) -> list[int | str]:
    return [] if cursor is None else [cursor.time, cursor.member]


def _page(answer: Any) -> FoundIds:
    found, place, looked = answer
    following = Cursor(int(place[0]), place[1].decode()) if place else None
    return FoundIds([identifier.decode() for identifier in found], following, int(looked))
