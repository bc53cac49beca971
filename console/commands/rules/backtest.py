"""`vedette rules backtest`: rules evaluated on the history of issues and compared with people's decisions."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from console.commands.rules.check import files_in_force
from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained
from console.filters import AsJson, seconds_or_exit
from console.instance import Instance, find_instance
from console.paced_sentry import check_projects, optional_redis, paced_sentry
from console.rendering.backtest_report import print_report
from console.rendering.progress_bars import shown_progress
from vedette._core.logging_setup import configure_command_logging
from vedette._core.progress import Progress
from vedette.api import Sentry
from vedette.authoring.event_patterns import asks_for
from vedette.events import parse
from vedette.events.catalog import known_names, names_of
from vedette.events.errors import InvalidPayload
from vedette.rules import RuleSet, read_rules
from vedette.rules.backtest.backtest import Backtest
from vedette.rules.backtest.historic_facts import MOST_EVENTS
from vedette.rules.backtest.history_store import HistoryStore, open_history
from vedette.rules.backtest.recorded_deliveries import RecordedBacktest, RecordedEvent
from vedette.rules.backtest.report import BacktestReport
from vedette.rules.backtest.report_html import render_page
from vedette.rules.backtest.scope import Scope, forget, remove
from vedette.settings.settings import load_settings
from vedette.store.deliveries.deliveries import Deliveries, DeliveryNotFoundError
from vedette.store.server.client import RedisClient

_DAY = 86_400.0
_INTERRUPTED = 130
_LISTED = 100_000
"""Number of recorded deliveries that a backtest reads, the newest."""


@dataclass(frozen=True)
class BacktestOptions:
    """The options of one backtest."""

    instance: Instance
    rules: RuleSet
    scope: Scope
    window: timedelta
    integration: str
    most_events: int
    quick: bool
    deliveries: bool


def backtest(
    files: Annotated[list[Path] | None, typer.Argument(help="Rules files; those in force here unless given.")] = None,
    since: Annotated[str, typer.Option(help="How far back: 24h, 30d.")] = "30d",
    project: Annotated[list[str] | None, typer.Option(help="Only this project, by its slug; may be repeated.")] = None,
    query: Annotated[str, typer.Option(help="Only issues that this search finds today, in Sentry's syntax.")] = "",
    window: Annotated[str, typer.Option(help="For how long after an event people's acts count.")] = "7d",
    deliveries: Annotated[
        bool, typer.Option("--deliveries", help="Try recorded deliveries instead of issues.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out the history of issues that look untouched.")
    ] = False,
    most_events: Annotated[int, typer.Option(min=0, help="Ask for so many events of issues at most.")] = MOST_EVENTS,
    html: Annotated[Path | None, typer.Option(help="Also write a page to send to a colleague.")] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Download the history again instead of continuing the stored one.")
    ] = False,
    forget_all: Annotated[bool, typer.Option("--forget", help="Remove everything that was kept, and end.")] = False,
    integration: Annotated[str, typer.Option(help="The integration with the token to use.")] = "default",
    as_json: AsJson = False,
) -> None:
    """Backtest rules on the history of issues: the actions, their cost, and the agreement with people's decisions.

    Nothing is changed in Sentry. The downloaded history is kept, so a second run or a continued one is quick.
    """
    configure_command_logging()
    with explained():
        instance = find_instance(load_settings())
        if deliveries and (project or query):
            typer.echo("--project and --query choose issues: leave them out with --deliveries", err=True)
            raise typer.Exit(WRONG_USAGE)
        if forget_all:
            typer.echo(f"Removed {forget(instance.state_dir)} histories.", err=True)
            return
        days, after = seconds_or_exit(since) / _DAY, timedelta(seconds=seconds_or_exit(window))
        rules = read_rules(files_in_force(files))
        settings = instance.integration(integration)
        account = f"{settings.sentry_url}/{settings.organization}{' deliveries' if deliveries else ''}"
        scope = Scope(account, days, tuple(project or ()), query)
        asked = BacktestOptions(instance, rules, scope, after, integration, most_events, quick, deliveries)
        if anew:
            remove(scope.path(instance.state_dir))
        try:
            report = asyncio.run(_run(asked))
        except KeyboardInterrupt:
            typer.echo(
                "Interrupted. The same command continues from here; --forget removes the downloaded history.", err=True
            )
            raise typer.Exit(_INTERRUPTED) from None
    if html is not None:
        _write_page(html, report)
    if as_json:
        for line in report.as_lines():
            sys.stdout.write(json.dumps(line) + "\n")
        return
    print_report(report)


async def _run(asked: BacktestOptions) -> BacktestReport:
    with shown_progress() as progress:
        async with (
            optional_redis(asked.instance) as client,
            paced_sentry(asked.instance, asked.integration, client) as sentry,
            open_history(asked.scope.path(asked.instance.state_dir)) as history,
        ):
            await check_projects(sentry, asked.scope.projects)
            if asked.deliveries:
                return await _try_deliveries(asked, client, sentry, history, progress)
            trial = Backtest(
                sentry, history, asked.scope, asked.rules, asked.quick, asked.most_events, asked.window, progress
            )
            return await trial.run()


async def _try_deliveries(
    asked: BacktestOptions, client: RedisClient | None, sentry: Sentry, history: HistoryStore, progress: Progress
) -> BacktestReport:
    if client is None:
        typer.echo("Recorded deliveries are in Redis, which does not answer: is `vedette up` running here?", err=True)
        raise typer.Exit(FOUND_WRONG)
    until = datetime.now(UTC)
    begins = asked.scope.begins(until)
    trial = RecordedBacktest(sentry, history, asked.rules, begins, until, asked.most_events, asked.window, progress)
    return await trial.run(_recorded(client, begins, asked.rules.events))


async def _recorded(client: RedisClient, begins: datetime, wanted: tuple[str, ...]) -> AsyncIterator[RecordedEvent]:
    """Yield the recorded deliveries that a rule asks for and that can be read, the oldest first."""
    kept, known, left = Deliveries(client), frozenset(known_names()), 0
    for summary in reversed(await kept.latest(since=round(begins.timestamp() * 1000), limit=_LISTED)):
        if summary.quarantined is not None:
            continue
        # Most of what arrives is of kinds that no rule asks for, and reading a body takes a round trip.
        if not asks_for(wanted, names_of(summary.resource, summary.action), known):
            left += 1
            continue
        # Gone meanwhile, or not as promised: production had nothing to decide either.
        with contextlib.suppress(DeliveryNotFoundError, InvalidPayload):
            delivery = await kept.get(summary.id)
            at = datetime.fromtimestamp(summary.accepted / 1000, UTC)
            yield RecordedEvent(parse(summary.resource, delivery.body), at)
    if left:
        typer.echo(f"{left} deliveries are of kinds that no rule asks for, and were not read", err=True)


def _write_page(path: Path, report: BacktestReport) -> None:
    try:
        path.write_text(render_page(report), encoding="utf-8")
    except OSError as error:
        typer.echo(f"{path} cannot be written: {error.strerror}", err=True)
        raise typer.Exit(FOUND_WRONG) from None
    typer.echo(f"Wrote {path}: it holds titles of issues and names of people.", err=True)
