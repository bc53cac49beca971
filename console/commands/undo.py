"""`vedette undo`: takes back what handlers and rules did, one write or many; what cannot be is told and passed over."""

import json
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated, NoReturn

import typer

from console.acting import controls_of, way_to_sentry
from console.commands.audit import age_or_exit
from console.commands.audit_filter import (
    AuditFilter,
    HandlerOption,
    IssueOption,
    ProjectOption,
    RuleOption,
    UntilOption,
)
from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained
from console.instance import Instance, find_place
from console.rendering.audit_table import AuditLine, find_lines
from console.rendering.formatting import date_and_clock
from console.session import ask_at, this_person
from vedette._core.printable import error_text, printable
from vedette._core.user_error import UserError
from vedette.access.context import IntegrationConnection, PolicyServices
from vedette.access.undo import UndoResult, can_be_undone, undone_by
from vedette.access.undo import undo as undo_write
from vedette.api.errors import NotAuthorized, SentryTimeout, SentryUnreachable, ServerError
from vedette.settings.settings import load_settings
from vedette.store.access.audit_log import AuditEntry
from vedette.store.server.client import RedisClient

_ENTRY = re.compile(r"(?P<number>[1-9][0-9]{0,14})(?:-(?P<hash>[0-9a-f]{6,64}))?")
_AWAY = (NotAuthorized, SentryTimeout, SentryUnreachable, ServerError)
"""What says nothing of the one write: the next ones would end with it too."""
_PATIENCE = 3
"""After so many of them in a row nothing more is tried."""


@dataclass(frozen=True)
class Found:
    """What is to be taken back, the newest first."""

    lines: list[AuditLine]
    already: int = 0
    """How many others were taken back before."""


def undo(
    entry: Annotated[
        str, typer.Argument(help="The audit's entry: its number, or NUMBER-HASH with the beginning of its hash.")
    ] = "",
    handler: HandlerOption = "",
    issue: IssueOption = "",
    rule: RuleOption = "",
    project: ProjectOption = "",
    since: Annotated[str, typer.Option(help="With a filter: only within this age.")] = "24h",
    until: UntilOption = "0s",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask on a terminal.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who orders it, for the audit; the system's user unless given.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """Take back what a handler or rule did, where the issue has not been touched since; the newest first."""
    wanted = AuditFilter(handler, issue, rule, project, age_or_exit(since), age_or_exit(until))
    if bool(entry) != wanted.is_empty():
        _refuse("Give the number of an entry, or --handler, --rule, --issue or --project: `vedette audit` lists them")
    number, begins = _entry_or_exit(entry) if entry else (0, "")
    with explained():
        place = find_place(load_settings())
        found = ask_at(place, lambda client: _find(place, client, wanted, number, begins))
        if not found.lines:
            again = f", {found.already} were taken back before" if found.already else ""
            typer.echo(f"The audit has no such entry{again}.", err=True)
            raise typer.Exit(0 if found.already else FOUND_WRONG)
        if is_terminal() and not (yes or dry_run):
            typer.confirm(_question(found), abort=True)
        telling = _Telling(as_json=as_json, is_dry_run=dry_run)
        ask_at(place, lambda client: _undo(place, client, found, telling, by or this_person()))
    telling.end(len(found.lines))


def is_terminal() -> bool:
    """Return whether somebody is there to be asked."""
    return sys.stdin.isatty()


class _Telling:
    """Tells of each write as it is taken back or not."""

    def __init__(self, *, as_json: bool, is_dry_run: bool) -> None:
        self._as_json = as_json
        self.is_dry_run = is_dry_run
        self._told = self._done = 0

    def tell(self, one: UndoResult) -> None:
        """Print one line."""
        self._told, self._done = self._told + 1, self._done + one.done
        if self._as_json:
            values = {"entry": one.entry, "done": one.done and not self.is_dry_run, "sentence": one.sentence}
            sys.stdout.write(json.dumps(values | ({"would": one.done} if self.is_dry_run else {})) + "\n")
        else:
            sentence = printable(one.sentence)
            typer.echo(f"{one.entry}: {sentence if one.done else f'not taken back: {sentence}'}")
        sys.stdout.flush()

    def end(self, wanted: int) -> None:
        """Sum up, and end the command with 1 where anything is left."""
        left = wanted - self._told
        if not self._as_json and wanted > 1:
            what = "would be taken back" if self.is_dry_run else "taken back"
            untried = f", {left} not tried" if left else ""
            typer.echo(f"{self._done} {what}, {self._told - self._done} not{untried}.")
        elif left:
            typer.echo(f"{left} not tried", err=True)
        if self._done != wanted:
            raise typer.Exit(FOUND_WRONG)


async def _find(place: Instance, client: RedisClient, wanted: AuditFilter, number: int, begins: str) -> Found:
    controls = controls_of(place, client)
    if number:
        pair = await controls.audit.get(number)
        if pair is None:
            return Found([])
        if not pair[0].hash.startswith(begins):
            raise OtherEntryError(pair[0], begins)
        return Found([AuditLine(*pair)])
    first, last = await wanted.span(client)

    def keep(entry: AuditEntry) -> bool:
        return undone_by(entry.text("decision")) is not None or wanted.keep(entry)

    # What took something back is later than that, so that all of it is looked at, whatever `until` says.
    lines = await find_lines(controls.audit, since=first, limit=None, keep=keep)
    undone = _undone(lines)
    of_time = [line for line in lines if line.has_changed and line.entry.at <= last and wanted.keep(line.entry)]
    found = Found([line for line in of_time if line.entry.number not in undone])
    if not of_time:
        await wanted.refuse_unknown(client, controls.audit)
    return Found(found.lines, len(of_time) - len(found.lines))


def _undone(lines: list[AuditLine]) -> set[int]:
    """Return the entries that were taken back, and not again written by taking that back; of lines newest first."""
    undone: set[int] = set()
    for line in lines:
        of = undone_by(line.entry.text("decision"))
        if of is not None and line.result == "done" and line.entry.number not in undone:
            undone.add(of)
    return undone


async def _undo(place: Instance, client: RedisClient, found: Found, telling: _Telling, by: str) -> None:
    controls = controls_of(place, client)
    async with AsyncExitStack() as stack:
        ways: dict[str, IntegrationConnection] = {}

        async def way_of(line: AuditLine) -> IntegrationConnection:
            name = line.entry.text("integration") or "default"
            if name not in ways:
                ways[name] = await stack.enter_async_context(way_to_sentry(place, client, name))
            return ways[name]

        async for one in _each(controls, way_of, found.lines, by, only_look=telling.is_dry_run):
            telling.tell(one)


async def _each(
    controls: PolicyServices,
    way_of: Callable[[AuditLine], Awaitable[IntegrationConnection]],
    lines: list[AuditLine],
    by: str,
    *,
    only_look: bool,
) -> AsyncIterator[UndoResult]:
    """Take back one after the other; what fails is told and passed over, until Sentry is plainly away."""
    failed = 0
    for line in lines:
        entry, outcome = line.entry, line.outcome
        try:
            reason = can_be_undone(entry, outcome)
            if reason:
                yield UndoResult(entry.number, done=False, sentence=reason)
                continue
            one = await undo_write(controls, await way_of(line), entry, outcome, by, only_look=only_look)
        except UserError as error:
            failed = failed + 1 if isinstance(error, _AWAY) else 0
            yield UndoResult(entry.number, done=False, sentence=" ".join(error_text(error).split()))
            if failed == _PATIENCE:
                return
            continue
        failed = 0
        yield one


class OtherEntryError(UserError):
    """The entry of this number has another hash: the audit is not the one that the number was taken from."""

    exit_code = WRONG_USAGE

    def __init__(self, entry: AuditEntry, begins: str) -> None:
        self.entry = entry
        super().__init__(
            f"entry {entry.number} begins with {entry.hash[:8]}, not {begins}: the number is of another audit, "
            "as after a backup was restored. `vedette audit --json` shows the entries of this one with their hashes"
        )


def _question(found: Found) -> str:
    newest, oldest = found.lines[0], found.lines[-1]
    if len(found.lines) == 1:
        entry = newest.entry
        return printable(
            f"Entry {entry.number}, {date_and_clock(entry.at)}: {entry.text('handler')} {entry.text('intent')}. "
            "Take it back?"
        )
    can = sum(not can_be_undone(line.entry, line.outcome) for line in found.lines)
    before = f"; {found.already} others were taken back before" if found.already else ""
    return (
        f"{len(found.lines)} writes from {date_and_clock(oldest.entry.at)} to {date_and_clock(newest.entry.at)}, "
        f"of which {can} can be taken back{before}. Take them back?"
    )


def _entry_or_exit(text: str) -> tuple[int, str]:
    found = _ENTRY.fullmatch(text.strip())
    if found is None:
        _refuse(f"{text!r} is no entry: write its number, or NUMBER-HASH with the beginning of its hash")
    return int(found["number"]), found["hash"] or ""


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(WRONG_USAGE)
