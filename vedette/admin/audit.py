"""The audit: its entries joined with their outcomes, and the check of its hash chain."""

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from vedette._core.json_values import json_list
from vedette.admin.connections import policy_services
from vedette.admin.filters import AuditFilter
from vedette.admin.session import AdminSession
from vedette.store.access.audit_chain import Verification
from vedette.store.access.audit_log import READS, Audit, AuditEntry
from vedette.store.agents.read_journal import READS_KEPT, ReadBatch, ReadJournal, digest_of
from vedette.store.search.audit_search import AuditSearch
from vedette.store.search.cursor import Cursor
from vedette.store.search.page import MOST_ROWS, Page, gather_rows

_SUCCESS = range(200, 300)


@dataclass(frozen=True)
class AuditLine:
    """A call or an order, and its outcome."""

    entry: AuditEntry
    outcome: AuditEntry | None

    @property
    def result(self) -> str:
        """The outcome in a word or two."""
        decision = self.entry.text("decision")
        if self.outcome is None:
            is_call = self.entry.kind == "call"
            return "not sent" if is_call and decision.startswith(("denied", "observed", "proposed", "paused")) else ""
        if self.entry.kind == "order":
            return self.outcome.text("error") or "done"
        status = self.outcome.facts.get("status")
        dropped = self.outcome.facts.get("unconfirmed")
        if status in _SUCCESS:
            return f"done, but Sentry does not show {', '.join(map(str, dropped))} so" if _is_list(dropped) else "done"
        return "outcome unknown" if self.outcome.facts.get("unknown") else f"refused ({status})"

    @property
    def has_changed(self) -> bool:
        """Return whether the call was sent and may have changed Sentry."""
        sent = self.entry.kind == "call" and self.entry.text("decision").startswith(("granted", "approved"))
        facts: Mapping[str, Any] = {} if self.outcome is None else self.outcome.facts
        return sent and (self.outcome is None or facts.get("status") in _SUCCESS or bool(facts.get("unknown")))


async def list_audit(session: AdminSession, wanted: AuditFilter, limit: int | None = 50) -> list[AuditLine]:
    """Return the calls and orders that match, the newest first.

    Raises:
        UnknownNameError: Nothing matches, and the filter names something that is not known.
    """
    lines = await gather_rows(lambda cursor: page_audit(session, wanted, cursor, limit or MOST_ROWS), limit)
    if not lines:
        await wanted.refuse_unknown(session.redis, policy_services(session).audit)
    return lines


async def page_audit(session: AdminSession, wanted: AuditFilter, cursor: str = "", limit: int = 50) -> Page[AuditLine]:
    """Return one page of the calls and orders that match, the newest first.

    Args:
        session: The caller.
        wanted: The conditions.
        cursor: The cursor of the page before; empty for the first.
        limit: The size of the page.

    Raises:
        InvalidCursorError: The text is no cursor.
    """
    begin = Cursor.read(cursor) if cursor else None
    query = await wanted.to_query(session.redis)
    found = await AuditSearch(session.redis).find(query, limit=min(limit, MOST_ROWS), cursor=begin)
    rows = [AuditLine(entry, outcome) for entry, outcome in found.entries]
    return Page(rows, str(found.following) if found.following else None)


async def get_audit_line(session: AdminSession, number: int) -> AuditLine | None:
    """Return a call or order by its number, with its outcome; None where there is none."""
    pair = await policy_services(session).audit.get(number)
    return None if pair is None else AuditLine(*pair)


async def verify_audit(session: AdminSession, expected: str = "") -> Verification:
    """Follow the hash chain of the audit, and compare the reads of agents with their digests.

    Args:
        session: The caller.
        expected: An entry that was printed or logged before, and must still be there.

    Raises:
        UnreadableKeptEntryError: The expected entry cannot be read.
    """
    policy = policy_services(session)
    found = await policy.audit.verify(expected)
    problems = [problem async for problem in _problems_of_reads(policy.audit, policy.agents.journal)]
    return replace(found, problems=(*found.problems, *problems))


async def find_reads(session: AdminSession, number: int) -> ReadBatch | None:
    """Return the reads of an entry about reads; None if there is no such entry, or its reads are past their age."""
    policy = policy_services(session)
    pair = await policy.audit.get(number)
    return None if pair is None or pair[0].kind != READS else await policy.agents.journal.find(pair[0].text("batch"))


async def _problems_of_reads(audit: Audit, journal: ReadJournal) -> AsyncIterator[str]:
    """Compare the batches of reads that are younger than their age with their digests in the audit."""
    newest: int | None = None
    async for entry in audit.newest():
        newest = entry.at if newest is None else newest
        if entry.at < newest - READS_KEPT:
            return
        if entry.kind != READS:
            continue
        batch = await journal.find(entry.text("batch"))
        if batch is None:
            yield f"the reads of entry {entry.number} are missing"
        elif digest_of(batch.text) != entry.text("digest"):
            yield f"the reads of entry {entry.number} were changed"


def iterate_audit(session: AdminSession) -> AsyncIterator[AuditEntry]:
    """Return all entries, the oldest first."""
    return policy_services(session).audit.oldest()


async def find_lines(
    audit: Audit,
    *,
    since: int = 0,
    until: int = sys.maxsize,
    limit: int | None,
    keep: Callable[[AuditEntry], bool],
) -> list[AuditLine]:
    """Return the newest calls and orders that `keep` accepts.

    Args:
        audit: The audit.
        since: First moment, Unix time in milliseconds.
        until: Last moment.
        limit: Greatest number of lines; None for all.
        keep: Called with each call and order, but with no outcome.
    """
    outcomes: dict[int, AuditEntry] = {}
    lines: list[AuditLine] = []
    async for entry in audit.newest():
        if entry.at < since or (limit is not None and len(lines) >= limit):
            break
        if entry.kind == "outcome":
            outcomes[_number(entry.facts.get("of"))] = entry
        elif entry.at <= until and keep(entry):
            lines.append(AuditLine(entry, outcomes.pop(entry.number, None)))
    return lines


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return bool(json_list(value))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
