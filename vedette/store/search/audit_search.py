"""Finds entries of the audit through their indexes, each page in one round trip."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from vedette.store.access.audit_log import AuditEntry, read_entry
from vedette.store.search.cursor import Cursor
from vedette.store.search.delivery_search import STEPS
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import AUDIT, PREFIX
from vedette.store.server.scripts import pairs, script, search_script

_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True)
class AuditQuery:
    """Conditions on entries; an empty one holds for all."""

    since: int = 0
    """Unix time in milliseconds, as is `until`."""
    until: int = 0
    handler: str = ""
    """The key of the principal."""
    issue: str = ""
    """Id or short id."""
    rule: str = ""
    project: str = ""
    """Slug."""
    delivery: str = ""
    with_reads: bool = False
    """Find entries about the reads of agents, too."""

    def names(self) -> list[str]:
        """Return KIND:NAME of each condition, as the index has it."""
        conditions = (
            *(("handler", self.handler), ("issue", self.issue.lower()), ("rule", self.rule)),
            *(("project", self.project), ("delivery", self.delivery)),
        )
        return [f"{kind}:{name}" for kind, name in conditions if name]


@dataclass(frozen=True)
class FoundEntries:
    """One page of entries."""

    entries: list[tuple[AuditEntry, AuditEntry | None]]
    """Each with its outcome, if it has one."""
    following: Cursor | None
    """Where the next page begins; None at the end."""


class AuditSearch:
    """Queries for the audit in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        index = script("access/_audit_index")
        self._find = client.register_script(f"{index}\n{search_script('search/find_audit')}")

    async def find(
        self, query: AuditQuery, *, limit: int, cursor: Cursor | None = None, steps: int = STEPS
    ) -> FoundEntries:
        """Return the calls and orders for which a query holds, the newest first.

        Args:
            query: The conditions.
            limit: At most so many.
            cursor: Where the page before ended.
            steps: Entries to look at.
        """
        place = [] if cursor is None else [cursor.time, cursor.member]
        names = [[name] for name in query.names()]
        arguments = [limit, steps, place, query.since, query.until, names, int(query.with_reads)]
        found, following = await self._find(keys=[PREFIX], args=[_encode(arguments)])
        entries = [(read_entry(pairs(entry)), read_outcome(outcome)) for entry, outcome in found]
        return FoundEntries(entries, Cursor(int(following[0]), following[1].decode()) if following else None)

    async def is_known(self, name: str) -> bool:
        """Return whether an entry has KIND:NAME."""
        return bool(await self._client.exists(f"{AUDIT}:{name}"))


def read_outcome(fields: Sequence[Any]) -> AuditEntry | None:
    """Return an outcome from its fields, or None where there are none."""
    return read_entry(pairs(fields)) if fields else None
