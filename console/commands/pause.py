"""`vedette pause`, `resume`, `disable` and `enable`: writes or runs stopped in every process, and let go on."""

from typing import Annotated

import typer

from console.completion import complete_handler
from console.exit_codes import explained
from console.filters import By, seconds_or_exit
from console.rendering.formatting import date_and_clock
from console.session import ask
from vedette.admin.pauses import describe_scope, disable_handler, enable_handler, pause_handler, resume_handler
from vedette.store.access.write_budgets import EVERY_PRINCIPAL

HandlerName = Annotated[
    str,
    typer.Argument(help="The handler's name, or agent:NAME; all unless given.", autocompletion=complete_handler),
]
OneHandler = Annotated[str, typer.Argument(help="The handler's name.", autocompletion=complete_handler)]
Force = Annotated[bool, typer.Option("--force", help="Accept a handler that is not known yet.")]


def pause(
    handler: HandlerName = EVERY_PRINCIPAL,
    lasting: Annotated[str, typer.Option("--for", help="End by itself after so long: 30m, 1h.")] = "",
    by: By = "",
    force: Force = False,
) -> None:
    """Stop all writes of one handler or agent, or of all, in every process at once; `resume` allows them again.

    Runs go on, and record what they would have written: `disable` stops the runs.
    """
    seconds = seconds_or_exit(lasting) if lasting else None
    with explained():
        made = ask(lambda session: pause_handler(session, handler, seconds=seconds, allow_unknown=force), by=by)
    end = "" if made.until is None else f" until {date_and_clock(made.until)}"
    scope = describe_scope(handler)
    typer.echo(f"Paused {scope}{end}: writes are recorded and not sent. `vedette resume` takes it back.")


def resume(handler: HandlerName = EVERY_PRINCIPAL, by: By = "", force: Force = False) -> None:
    """Let a paused handler or agent, or all, write again."""
    with explained():
        resumed = ask(lambda session: resume_handler(session, handler, allow_unknown=force), by=by)
    scope = describe_scope(handler)
    typer.echo(f"Resumed {scope}." if resumed.was_paused else f"Nothing was paused for {scope}.")
    for one in resumed.remaining:
        if EVERY_PRINCIPAL in {handler, one.principal}:
            name = "" if one.principal == EVERY_PRINCIPAL else f" {one.principal}"
            typer.echo(
                f"Still paused by {one.by}: {describe_scope(one.principal)}. `vedette resume{name}` takes it back."
            )


def disable(handler: OneHandler, by: By = "", force: Force = False) -> None:
    """Let the runs of a handler wait, in every worker from their next attempt on; `enable` lets them go on.

    An attempt that is under way ends as usual. Nothing is lost: deliveries are planned as before.
    """
    with explained():
        ask(lambda session: disable_handler(session, handler, allow_unknown=force), by=by)
    typer.echo(f"Disabled {handler}: its runs wait. `vedette enable {handler}` lets them go on.")


def enable(handler: OneHandler, by: By = "", force: Force = False) -> None:
    """Let a disabled handler run again, and the runs that waited go on, in the order of their deliveries."""
    with explained():
        was_disabled, runs = ask(lambda session: enable_handler(session, handler, allow_unknown=force), by=by)
    waited = f" {runs} {'run goes' if runs == 1 else 'runs go'} on." if runs else ""
    typer.echo(f"Enabled {handler}.{waited}" if was_disabled or runs else f"{handler} was not disabled.")
