"""`vedette agents`: the agents with their permissions and calls, and their tokens."""

import json
import sys
from collections.abc import Awaitable
from typing import Annotated

import typer

from console.exit_codes import WRONG_USAGE, explained
from console.filters import AsJson, By, seconds_or_exit
from console.rendering.agent_table import (
    area_object,
    print_agents,
    print_areas,
    print_tokens,
    summary_object,
    token_object,
)
from console.rendering.terminal import echo, make_console
from console.session import ask
from vedette.admin.agent_tokens import create_token, list_tokens, revoke_tokens
from vedette.admin.agents import list_agents
from vedette.admin.session import AdminSession
from vedette.permissions.areas import AREAS

app = typer.Typer(
    help="Agents that call Sentry through the gateway: their permissions, calls and tokens.",
    invoke_without_command=True,
)
AgentName = Annotated[str, typer.Argument(help="The agent's name, as in \\[agents.NAME].")]


@app.callback(invoke_without_command=True)
def agents(context: typer.Context, as_json: AsJson = False) -> None:
    """List the agents with their areas, calls and last use, and what needs attention."""
    if context.invoked_subcommand is not None:
        return
    with explained():
        found = ask(list_agents)
    if as_json:
        _write([summary_object(one) for one in found])
        return
    print_agents(make_console(), found)


@app.command()
def token(
    agent: AgentName,
    expires: Annotated[str, typer.Option(help="The token ends after so long: 12h, 30d.")] = "",
    note: Annotated[str, typer.Option(help="The purpose, for people.")] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Make a token for an agent and print it once; Vedette keeps its fingerprint alone."""
    lifetime = seconds_or_exit(expires) if expires else None
    with explained():
        made = ask(lambda session: create_token(session, agent, lifetime=lifetime, note=note), by=by)
    if as_json:
        _write([{"token": made.text, **token_object(made.token)}])
        return
    typer.echo(made.text)
    echo(f"This is token {made.token.id} of agent {agent}. It is shown once; Vedette keeps its fingerprint:", err=True)
    echo(f"sha256:{made.token.fingerprint}", err=True)


@app.command()
def tokens(agent: Annotated[str, typer.Argument(help="Only of this agent.")] = "", as_json: AsJson = False) -> None:
    """List the tokens with their ends and last uses, the newest first."""
    with explained():
        found = ask(lambda session: list_tokens(session, agent))
    if as_json:
        _write([token_object(one) for one in found])
        return
    print_tokens(make_console(), found)


@app.command()
def revoke(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="The id of a token; with --all an agent's name.")],
    of_agent: Annotated[bool, typer.Option("--all", help="All tokens of the agent of this name.")] = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Revoke a token, or all tokens of an agent, in every process within a second."""
    with explained():
        revoked = ask(lambda session: revoke_tokens(session, wanted, of_agent=of_agent), by=by)
    if as_json:
        _write([token_object(one) for one in revoked])
        return
    for one in revoked:
        echo(f"Revoked token {one.id} of agent {one.agent}.")


@app.command()
def serve(agent: AgentName, by: By = "") -> None:
    """Serve an agent's tools over standard input and output, for hosts that start MCP servers as programs."""
    from gateway.mcp.stdio import serve as serve_agent  # noqa: PLC0415 - a second to import, for this process alone

    def run(session: AdminSession) -> Awaitable[None]:
        return serve_agent(agent, session.by, session.redis, session.settings, session.integration_settings)

    with explained():
        ask(run, by=by)


@app.command()
def areas(
    area: Annotated[str, typer.Argument(help="Only this area, with the names of its operations.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print the areas of access with the scopes and operations of each level."""
    if area and area not in AREAS:
        echo(f"There is no area {area}: there are {', '.join(AREAS)}.", err=True)
        raise typer.Exit(WRONG_USAGE)
    wanted = [one for one in AREAS.values() if area in {"", one.name}]
    if as_json:
        _write([area_object(one) for one in wanted])
        return
    print_areas(make_console(), wanted, with_names=bool(area))


def _write(objects: list[dict[str, object]]) -> None:
    for one in objects:
        sys.stdout.write(json.dumps(one) + "\n")
