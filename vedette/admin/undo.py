"""Undoing writes of handlers and rules, one or many, the newest first."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from vedette._core.printable import error_text
from vedette._core.user_error import UserError
from vedette.access.context import IntegrationConnection
from vedette.access.undo import UndoResult, can_be_undone, undone_by
from vedette.access.undo import undo as undo_write
from vedette.admin.audit import AuditLine, find_lines
from vedette.admin.connections import open_sentry, policy_services
from vedette.admin.filters import AuditFilter
from vedette.admin.session import AdminSession
from vedette.api.errors import NotAuthorized, SentryTimeout, SentryUnreachable, ServerError
from vedette.settings.settings import DEFAULT_INTEGRATION
from vedette.store.access.audit_log import AuditEntry

_ENTRY = re.compile(r"(?P<number>[1-9][0-9]{0,14})(?:-(?P<hash>[0-9a-f]{6,64}))?")
_OUTAGES = (NotAuthorized, SentryTimeout, SentryUnreachable, ServerError)
"""Errors that are not about the one write: the next writes would fail as well."""
_MOST_OUTAGES = 3
"""Number of such errors in a row after which nothing more is tried."""


@dataclass(frozen=True)
class UndoableWrites:
    """The writes to undo, the newest first."""

    lines: list[AuditLine]
    already: int = 0
    """Number of other writes that were undone before."""

    @property
    def possible(self) -> int:
        """Number of writes that can be undone."""
        return sum(not can_be_undone(line.entry, line.outcome) for line in self.lines)


class InvalidEntryError(UserError):
    """A text that does not identify an entry of the audit."""

    exit_code = 2

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"{text!r} is no entry: write its number, or NUMBER-HASH with the beginning of its hash")


class OtherEntryError(UserError):
    """The entry of this number has another hash: the number comes from another audit."""

    exit_code = 2

    def __init__(self, entry: AuditEntry, begins: str) -> None:
        self.entry = entry
        super().__init__(
            f"entry {entry.number} begins with {entry.hash[:8]}, not {begins}: the number is of another audit, "
            "as after a backup was restored. `vedette audit --json` shows the entries of this one with their hashes"
        )


async def find_write(session: AdminSession, entry: str) -> UndoableWrites:
    """Return the write of one entry; no lines if there is no such entry.

    Args:
        session: The caller.
        entry: Number of the entry, or `NUMBER-HASH` with the beginning of its hash.

    Raises:
        InvalidEntryError: The text has another form.
        OtherEntryError: The entry has another hash.
    """
    found = _ENTRY.fullmatch(entry.strip())
    if found is None:
        raise InvalidEntryError(entry)
    pair = await policy_services(session).audit.get(int(found["number"]))
    if pair is None:
        return UndoableWrites([])
    begins = found["hash"] or ""
    if not pair[0].hash.startswith(begins):
        raise OtherEntryError(pair[0], begins)
    return UndoableWrites([AuditLine(*pair)])


async def find_writes(session: AdminSession, wanted: AuditFilter) -> UndoableWrites:
    """Return the writes that match and were not undone before.

    Raises:
        UnknownNameError: Nothing matches, and the filter names something that is not known.
    """
    audit = policy_services(session).audit
    first, last = await wanted.span(session.redis)

    def keep(entry: AuditEntry) -> bool:
        return undone_by(entry.text("decision")) is not None or wanted.matches(entry)

    # An undo is later than its write, so entries after `until` are read too.
    lines = await find_lines(audit, since=first, limit=None, keep=keep)
    undone = _undone(lines)
    of_time = [line for line in lines if line.has_changed and line.entry.at <= last and wanted.matches(line.entry)]
    found = [line for line in of_time if line.entry.number not in undone]
    if not of_time:
        await wanted.refuse_unknown(session.redis, audit)
    return UndoableWrites(found, len(of_time) - len(found))


async def undo_writes(
    session: AdminSession, lines: list[AuditLine], *, dry_run: bool = False
) -> AsyncIterator[UndoResult]:
    """Undo writes in the given order, each if its issue is unchanged since; yield each result.

    A write that fails is reported in its result. After three outages of Sentry in a row the remaining writes are not
    tried, and yield no result.

    Args:
        session: The caller.
        lines: The writes.
        dry_run: Report what would be done, and change nothing.
    """
    async with AsyncExitStack() as stack:
        opened: dict[str, IntegrationConnection] = {}

        async def connection_of(line: AuditLine) -> IntegrationConnection:
            name = line.entry.text("integration") or DEFAULT_INTEGRATION
            if name not in opened:
                opened[name] = await stack.enter_async_context(open_sentry(session, name))
            return opened[name]

        outages = 0
        for line in lines:
            try:
                result = await _undo(session, line, connection_of, dry_run=dry_run)
            except UserError as error:
                outages = outages + 1 if isinstance(error, _OUTAGES) else 0
                yield UndoResult(line.entry.number, done=False, sentence=" ".join(error_text(error).split()))
                if outages == _MOST_OUTAGES:
                    return
                continue
            # A write that cannot be undone was not sent, and says nothing about an outage.
            outages = outages if result is None else 0
            yield result or UndoResult(line.entry.number, done=False, sentence=can_be_undone(line.entry, line.outcome))


async def undo_many(session: AdminSession, lines: list[AuditLine]) -> AsyncIterator[str]:
    """Undo writes as `undo_writes` does, for an order on many things; yield why each was left, empty if undone."""
    async for result in undo_writes(session, lines):
        yield "" if result.done else f"{result.entry}: {result.sentence}"


async def _undo(
    session: AdminSession,
    line: AuditLine,
    connection_of: Callable[[AuditLine], Awaitable[IntegrationConnection]],
    *,
    dry_run: bool,
) -> UndoResult | None:
    """Undo one write; return None if it cannot be undone."""
    if can_be_undone(line.entry, line.outcome):
        return None
    sentry, policy = await connection_of(line), policy_services(session)
    return await undo_write(policy, sentry, line.entry, line.outcome, session.by, only_look=dry_run)


def _undone(lines: list[AuditLine]) -> set[int]:
    """Return the entries that are undone at present; the lines are the newest first."""
    undone: set[int] = set()
    for line in lines:
        of = undone_by(line.entry.text("decision"))
        if of is not None and line.result == "done" and line.entry.number not in undone:
            undone.add(of)
    return undone
