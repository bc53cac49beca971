"""`vedette reconcile`: webhooks that did not arrive, found in Sentry and rebuilt."""

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from console.exit_codes import FOUND_MISSING, explained
from console.filters import seconds_or_exit
from console.instance import Instance, find_instance
from console.rendering.progress_bars import shown_progress
from console.rendering.sweep_table import print_sweep
from console.rendering.terminal import make_console
from vedette.admin.names import UnknownNameError
from vedette.reconcile.report import NOT_REBUILT, SweepReport
from vedette.reconcile.runner import sweep_integration
from vedette.reconcile.scope import REBUILDABLE, SweepScope
from vedette.settings.settings import DEFAULT_INTEGRATION, load_settings
from vedette.store.server.server_check import open_redis


def reconcile(
    integration: Annotated[str, typer.Option(help="Only this integration; all of them unless given.")] = "",
    since: Annotated[
        str, typer.Option(help="Look so far back: 2h, 7d; unless given, to the last complete sweep.")
    ] = "",
    until: Annotated[str, typer.Option(help="Leave out what is younger than this: 30m.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is missing, and change nothing.")] = False,
    kind: Annotated[
        list[str] | None, typer.Option(help="Only this event, such as issue.created; may be repeated.")
    ] = None,
    project: Annotated[list[str] | None, typer.Option(help="Only this project, by its slug; may be repeated.")] = None,
    rebuild_all: Annotated[
        bool, typer.Option("--all", help="Handle late and superseded ones too, however many there are.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per integration, for programs.")] = False,
) -> None:
    """Find webhooks that did not arrive, rebuild them from Sentry's history, and let the handlers run.

    Workers do so every ten minutes by themselves. Exit code 3: something was missing.
    """
    now = datetime.now(UTC)
    with explained():
        scope = SweepScope(
            since=now - timedelta(seconds=seconds_or_exit(since)) if since else None,
            until=now - timedelta(seconds=seconds_or_exit(until)) if until else None,
            names=_names(kind or ()),
            projects=tuple(project or ()),
            rebuild_all=rebuild_all,
            dry_run=dry_run,
        )
        instance = find_instance(load_settings())
        reports = asyncio.run(_sweep(instance, integration, scope))
    for report in reports:
        if as_json:
            sys.stdout.write(json.dumps(report.to_json_object()) + "\n")
        else:
            print_sweep(make_console(), report)
    if any(report.number_missing for report in reports):
        raise typer.Exit(FOUND_MISSING)


def _names(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return the events that are asked for.

    Raises:
        UnknownNameError: One of them cannot be rebuilt; the error says why, or names the nearest.
    """
    for kind in kinds:
        if kind not in REBUILDABLE:
            why = NOT_REBUILT.get(kind) or NOT_REBUILT.get(kind.partition(".")[0])
            advice = f"it cannot be rebuilt: {why}" if why else f"there are {', '.join(REBUILDABLE)}"
            raise UnknownNameError("kind", kind, REBUILDABLE, advice=advice)
    return tuple(kinds)


async def _sweep(instance: Instance, integration: str, scope: SweepScope) -> list[SweepReport]:
    names = [integration] if integration else list(instance.settings.integrations) or [DEFAULT_INTEGRATION]
    client = open_redis(instance.redis_url)
    try:
        await client.ping()
        with shown_progress() as progress:
            return [
                await sweep_integration(
                    name,
                    instance.integration(name),
                    instance.settings.reconcile,
                    client,
                    recognised=instance.settings.receiver.deduplication_window,
                    scope=scope,
                    progress=progress,
                )
                for name in names
            ]
    finally:
        await client.aclose()
