"""`vedette pause` and `vedette resume`: the writes of one handler or agent, or of all, stopped and resumed."""

from typing import Annotated

import typer

from console.exit_codes import explained
from console.filters import By
from console.session import ask
from vedette.admin.pauses import describe_scope, pause_handler, resume_handler
from vedette.store.access.write_budgets import EVERY_PRINCIPAL

HandlerName = Annotated[str, typer.Argument(help="The handler's name, or agent:NAME; all unless given.")]
Force = Annotated[bool, typer.Option("--force", help="Accept a handler that is not known yet.")]


def pause(handler: HandlerName = EVERY_PRINCIPAL, by: By = "", force: Force = False) -> None:
    """Stop all writes of one handler or agent, or of all, in every process at once; `resume` allows them again."""
    with explained():
        ask(lambda session: pause_handler(session, handler, allow_unknown=force), by=by)
    typer.echo(f"Paused {describe_scope(handler)}: writes are recorded and not sent. `vedette resume` takes it back.")


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
