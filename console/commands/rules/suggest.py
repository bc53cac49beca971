"""`vedette rules suggest`: rules that the history of people's decisions supports, as TOML to paste."""

import asyncio
import json
from typing import Annotated

import typer

from console.exit_codes import explained
from console.filters import AsJson, seconds_or_exit
from console.instance import Instance, find_instance
from console.paced_sentry import check_projects, optional_redis, paced_sentry
from console.rendering.progress_bars import shown_progress
from console.rendering.terminal import echo_lines
from vedette._core.logging_setup import configure_command_logging
from vedette.rules.backtest.history_store import open_history
from vedette.rules.backtest.scope import Scope
from vedette.rules.suggest import LabelledIssue, Suggestion, Thresholds
from vedette.rules.suggest.toml_output import names_of, render_toml
from vedette.rules.suggest.training_data import TrainingData
from vedette.settings.settings import load_settings

_DAY = 86_400.0


def suggest(
    since: Annotated[str, typer.Option(help="How far back: 30d, 90d.")] = "30d",
    project: Annotated[list[str] | None, typer.Option(help="Only this project, by its slug; may be repeated.")] = None,
    query: Annotated[str, typer.Option(help="Only issues that this search finds today, in Sentry's syntax.")] = "",
    min_support: Annotated[int, typer.Option(min=3, help="On how many issues people must have done just that.")] = 10,
    min_agreement: Annotated[
        float, typer.Option(min=0.5, max=1.0, help="In what share of those that they decided on.")
    ] = 0.9,
    integration: Annotated[str, typer.Option(help="The integration with the token to use.")] = "default",
    as_json: AsJson = False,
) -> None:
    """Suggest rules from people's decisions about earlier issues, to paste into triage.toml.

    Nothing is changed in Sentry. The history is stored with that of `vedette rules backtest`.
    """
    configure_command_logging()
    with explained():
        instance = find_instance(load_settings())
        days = seconds_or_exit(since) / _DAY
        settings = instance.integration(integration)
        scope = Scope(f"{settings.sentry_url}/{settings.organization}", days, tuple(project or ()), query)
        thresholds = Thresholds(support=min_support, agreement=min_agreement)
        found, past = asyncio.run(_learn(instance, integration, scope, thresholds))
    _print(found, past, as_json=as_json)


async def _learn(
    instance: Instance, integration: str, scope: Scope, thresholds: Thresholds
) -> tuple[list[Suggestion], list[LabelledIssue]]:
    path = scope.path(instance.state_dir)
    with shown_progress() as progress:
        async with (
            optional_redis(instance) as client,
            paced_sentry(instance, integration, client) as sentry,
            open_history(path) as history,
        ):
            await check_projects(sentry, scope.projects)
            learning = TrainingData(sentry, history, scope, progress=progress)
            return await learning.proposals(thresholds), list(learning.past.values())


def _print(found: list[Suggestion], past: list[LabelledIssue], *, as_json: bool) -> None:
    if as_json:
        for one, name in zip(found, names_of(found), strict=True):
            typer.echo(json.dumps({"name": name, **one.as_json()}))
        return
    decided = sum(bool(issue.choices) for issue in past)
    looked = f"Looked at {len(past)} issues, {decided} of which people assigned, archived, resolved or gave a priority"
    if not found:
        typer.echo(f"{looked}: no habit is clear enough. Look further back with --since, or ask for less.", err=True)
        return
    typer.echo(f"# {looked}.\n")
    echo_lines(render_toml(found).removesuffix("\n"))
