"""`vedette undo`: writes of handlers, agents and rules undone, one or many, with a line for each."""

import json
import sys
from typing import Annotated

import typer

from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained
from console.filters import (
    AsJson,
    AuditAgent,
    AuditHandler,
    AuditIssue,
    AuditProject,
    AuditRule,
    AuditUntil,
    By,
    age_or_exit,
    principal_or_exit,
)
from console.rendering.audit_table import who_of
from console.rendering.formatting import date_and_clock
from console.session import ask
from vedette._core.printable import printable
from vedette.access.undo import UndoResult
from vedette.admin.audit import AuditLine
from vedette.admin.filters import AuditFilter
from vedette.admin.session import AdminSession
from vedette.admin.undo import UndoableWrites, find_write, find_writes, undo_writes


def undo(
    entry: Annotated[
        str, typer.Argument(help="The audit's entry: its number, or NUMBER-HASH with the beginning of its hash.")
    ] = "",
    handler: AuditHandler = "",
    agent: AuditAgent = "",
    issue: AuditIssue = "",
    rule: AuditRule = "",
    project: AuditProject = "",
    since: Annotated[str, typer.Option(help="With a filter: only within this age.")] = "24h",
    until: AuditUntil = "0s",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the result, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask on a terminal.")] = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Undo writes of a handler, agent or rule, the newest first, each if its issue is unchanged since."""
    principal = principal_or_exit(handler, agent)
    wanted = AuditFilter(principal, issue, rule, project, age_or_exit(since), age_or_exit(until))
    if bool(entry) == wanted.is_narrowed:
        advice = "Give an entry's number, or --handler, --agent, --rule, --issue or --project; see `vedette audit`"
        typer.echo(advice, err=True)
        raise typer.Exit(WRONG_USAGE)
    with explained():
        found = ask(lambda session: find_write(session, entry) if entry else find_writes(session, wanted))
        if not found.lines:
            again = f", {found.already} were taken back before" if found.already else ""
            typer.echo(f"The audit has no such entry{again}.", err=True)
            raise typer.Exit(0 if found.already else FOUND_WRONG)
        if is_terminal() and not (yes or dry_run):
            typer.confirm(_question(found), abort=True)
        report = _UndoReport(as_json=as_json, is_dry_run=dry_run)
        ask(lambda session: _undo(session, found.lines, report), by=by)
    report.end(len(found.lines))


def is_terminal() -> bool:
    """Return whether a person can be asked for a confirmation."""
    return sys.stdin.isatty()


class _UndoReport:
    """Printed results of undoing, one line for each write."""

    def __init__(self, *, as_json: bool, is_dry_run: bool) -> None:
        self._as_json = as_json
        self.is_dry_run = is_dry_run
        self._count = self._done = 0

    def add(self, one: UndoResult) -> None:
        """Print the line of one result."""
        self._count, self._done = self._count + 1, self._done + one.done
        if self._as_json:
            values = {"entry": one.entry, "done": one.done and not self.is_dry_run, "sentence": one.sentence}
            sys.stdout.write(json.dumps(values | ({"would": one.done} if self.is_dry_run else {})) + "\n")
        else:
            sentence = printable(one.sentence)
            typer.echo(f"{one.entry}: {sentence if one.done else f'not taken back: {sentence}'}")
        sys.stdout.flush()

    def end(self, wanted: int) -> None:
        """Print the sum; end the command with 1 if a write was not undone."""
        left = wanted - self._count
        if not self._as_json and wanted > 1:
            what = "would be taken back" if self.is_dry_run else "taken back"
            untried = f", {left} not tried" if left else ""
            typer.echo(f"{self._done} {what}, {self._count - self._done} not{untried}.")
        elif left:
            typer.echo(f"{left} not tried", err=True)
        if self._done != wanted:
            raise typer.Exit(FOUND_WRONG)


async def _undo(session: AdminSession, lines: list[AuditLine], report: _UndoReport) -> None:
    async for result in undo_writes(session, lines, dry_run=report.is_dry_run):
        report.add(result)


def _question(found: UndoableWrites) -> str:
    newest, oldest = found.lines[0], found.lines[-1]
    if len(found.lines) == 1:
        entry = newest.entry
        return printable(
            f"Entry {entry.number}, {date_and_clock(entry.at)}: {who_of(entry)} {entry.text('intent')}. Take it back?"
        )
    before = f"; {found.already} others were taken back before" if found.already else ""
    return (
        f"{len(found.lines)} writes from {date_and_clock(oldest.entry.at)} to {date_and_clock(newest.entry.at)}, "
        f"of which {found.possible} can be taken back{before}. Take them back?"
    )
