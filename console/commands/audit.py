"""`vedette audit`: the calls of handlers and agents with their outcomes, and the check of the audit's hash chain."""

from typing import Annotated

import typer

from console.exit_codes import FOUND_WRONG, explained
from console.filters import (
    AsJson,
    AuditAgent,
    AuditHandler,
    AuditIssue,
    AuditProject,
    AuditRule,
    AuditUntil,
    Limit,
    age_or_exit,
    principal_or_exit,
)
from console.rendering.audit_table import export, print_lines
from console.rendering.terminal import echo_lines, make_console
from console.session import ask
from vedette.admin.audit import find_reads, iterate_audit, list_audit, verify_audit
from vedette.admin.filters import AuditFilter

app = typer.Typer(help="Calls of handlers and agents, sent or not, and orders of people.", invoke_without_command=True)


@app.callback(invoke_without_command=True)
def audit(
    context: typer.Context,
    since: Annotated[str, typer.Option(help="Only entries within this age: 30m, 24h, 7d.")] = "52w",
    until: AuditUntil = "0s",
    handler: AuditHandler = "",
    agent: AuditAgent = "",
    issue: AuditIssue = "",
    rule: AuditRule = "",
    project: AuditProject = "",
    reads: Annotated[bool, typer.Option("--reads", help="Also the reads of agents.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List calls and orders with their outcomes, the newest first."""
    if context.invoked_subcommand is not None:
        return
    principal = principal_or_exit(handler, agent)
    ages = age_or_exit(since), age_or_exit(until)
    wanted = AuditFilter(principal, issue, rule, project, *ages, with_reads=reads or bool(agent))
    with explained():
        lines = ask(lambda session: list_audit(session, wanted, limit))
    print_lines(make_console(), lines, as_json=as_json, is_filtered=wanted.is_narrowed)


@app.command()
def verify(
    expect: Annotated[
        str, typer.Option(help="An entry that was printed or logged before: it must still be there.")
    ] = "",
) -> None:
    """Follow the hash chain and report entries that were changed, removed or inserted."""
    with explained():
        found = ask(lambda session: verify_audit(session, expect))
    for problem in found.problems:
        typer.echo(problem, err=True)
    for remark in found.remarks:
        typer.echo(remark, err=True)
    if found.problems or not found.expected_found:
        raise typer.Exit(FOUND_WRONG)
    typer.echo(f"{found.entries} entries, none changed or missing. Newest entry: {found.head or '-'}")
    typer.echo(_proven(expect))


def _proven(expect: str) -> str:
    """Return the sentence about the extent of the proof that an unbroken chain gives."""
    if expect:
        return (
            "Up to the expected entry the audit is unchanged. Later entries could have been rewritten: keep the "
            "newest entry elsewhere too."
        )
    return (
        "This does not reveal an audit that was rewritten from some entry on, or cut off at its end: keep the newest "
        "entry elsewhere and give it with --expect next time. Workers log it once a minute (newest entry of the audit)."
    )


@app.command(name="reads")
def reads_command(
    entry: Annotated[int, typer.Argument(min=1, help="Number of an entry about reads, from `vedette audit --agent`.")],
) -> None:
    """Write the single reads of an agent that an entry is about, as JSON lines."""
    with explained():
        found = ask(lambda session: find_reads(session, entry))
    if found is None:
        typer.echo(f"Entry {entry} is about no reads that are kept: they are kept for 30 days.", err=True)
        raise typer.Exit(FOUND_WRONG)
    if not found.is_intact:
        typer.echo(f"The reads of entry {entry} were changed: `vedette audit verify` checks them all.", err=True)
    echo_lines(found.text)


@app.command(name="export")
def export_command() -> None:
    """Write all entries as JSON lines, the oldest first."""
    with explained():
        ask(lambda session: export(iterate_audit(session)))
