"""The `vedette` command."""

import asyncio
import json
import logging
import os
import sys
from typing import Annotated

import typer

from console import audit, dead, listings, new, orders, replay, rules, runs, schedule, trigger
from console.asking import ask
from console.explain import explain
from console.failures import FOUND_WRONG, WRONG_USAGE, explained
from console.handlers_listing import find_handlers, print_handlers
from console.lines import LogLines
from console.lock import hold_lock
from console.output import make_console
from console.place import find_place
from console.plan import make_plan
from console.simulate import simulate as run_simulator
from console.up import Up, check_port
from vedette.events import samples
from vedette.logs import configure_logging
from vedette.settings import load_settings
from vedette.store.deliveries import DeliverySummary
from vedette.store.run import Run
from vedette.version import vedette_version

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Receive Sentry's webhooks and act on them. Settings come from VEDETTE_* variables and vedette.toml.",
)
app.add_typer(audit.app, name="audit")
orders.add_to(app)
app.command()(explain)

app.add_typer(dead.app, name="dead")
app.add_typer(new.app, name="new")
app.add_typer(schedule.app, name="schedule")
app.add_typer(rules.app, name="rules")
app.command(name="replay")(replay.replay)
app.command(name="runs")(runs.runs)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
Since = Annotated[str, typer.Option(help="Only what came within this age: 30m, 24h, 7d.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")]


def main() -> None:
    """Run the command line; what is logged goes to standard error, so that programs can read the output."""
    configure_logging(level=logging.WARNING)
    app()


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"vedette {vedette_version()}")
        raise typer.Exit


@app.command()
def up(
    as_json: AsJson = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every log line of every process.")] = False,
    reload: Annotated[
        bool, typer.Option("--reload", help="Let a new worker take up plugins and settings that are edited.")
    ] = False,
) -> None:
    """Run everything on this machine: server, receiver and worker.

    Without any integration configured it is a demonstration, with a simulated Sentry.
    """
    configure_logging()
    with explained():
        place = find_place(load_settings())
        plan = make_plan(place)
        check_port(place.settings.host, place.settings.port)
        with hold_lock(place.state_dir):
            # What a program reads goes to standard output, and nothing else does.
            console = make_console(stderr=as_json)
            upping = Up(plan, console, LogLines(console, verbose=verbose), as_json=as_json, reload=reload)
            asyncio.run(upping.run())


@app.command()
def receiver() -> None:
    """Run the receiver alone: it checks signatures and stores deliveries."""
    from receiver.process import run  # noqa: PLC0415 - only this process pays for what the receiver needs

    configure_logging()
    with explained():
        run(load_settings())


@app.command()
def worker(
    processes: Annotated[int, typer.Option(min=1, help="How many worker processes.")] = 1,
) -> None:
    """Run a worker alone: it runs handlers on stored deliveries (dramatiq's own command, with our settings)."""
    with explained():
        settings = load_settings()
    # --path without a value and -P keep the working directory off the import path.
    command = [sys.executable, "-P", "-m", "dramatiq", "workers", "--path", "--skip-logging"]
    command += ["--processes", str(processes), "--threads", str(settings.worker.threads)]
    command += ["--worker-shutdown-timeout", str(round(settings.worker.grace * 1000))]
    # How long dramatiq's threads sleep between looks, in milliseconds: it bounds how soon they see the end.
    os.environ.setdefault("dramatiq_worker_timeout", "250")
    os.execv(sys.executable, command)  # noqa: S606 - nothing but our own words in it


@app.command()
def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes a free port.")] = 8660,
    webhook_url: Annotated[str, typer.Option(help="Where webhooks go.")] = "http://127.0.0.1:8650/hooks/default",
    pace: Annotated[float, typer.Option(min=0.05, help="Seconds between happenings, about.")] = 4.0,
    seed: Annotated[int, typer.Option(help="The same seed tells the same story.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="Answer calls only: nothing happens by itself.")] = False,
    past: Annotated[int, typer.Option(min=0, help="Begin with so many issues of the last weeks.")] = 0,
    calls_per_second: Annotated[int, typer.Option(min=0, help="Calls that it allows; 0: as sentry.io.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Run a simulated Sentry alone: it answers the Web API and sends signed webhooks.

    VEDETTE_CLIENT_SECRET signs them, VEDETTE_TOKEN opens the API, VEDETTE_ORGANIZATION names the organization.
    """
    configure_logging()
    with explained():
        run_simulator(
            load_settings(),
            port,
            webhook_url,
            pace=pace,
            seed=seed,
            quiet=quiet,
            past=past,
            calls=calls_per_second,
            as_json=as_json,
        )


@app.command(name="trigger")
def trigger_command(
    sample: Annotated[str, typer.Argument(help="Which sample, such as issue.created; `list` names them all.")],
    integration: Annotated[str, typer.Option(help="Which integration signs it.")] = "default",
    url: Annotated[str, typer.Option(help="The webhook URL; the running receiver's unless given.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send a correctly signed sample to a running receiver and show the answer."""
    if sample == "list":
        typer.echo("\n".join(samples.names()))
        return
    with explained():
        place = find_place(load_settings())
        target = url or f"{place.receiver_url}/hooks/{integration}"
        try:
            body = samples.wire(samples.load(sample))
        except samples.UnknownSampleError:
            typer.echo(f"There is no sample {sample}: `vedette trigger list` names them all", err=True)
            raise typer.Exit(WRONG_USAGE) from None
        answer = trigger.send(target, samples.resource_of(sample), body, place.client_secret(integration))
    if as_json:
        typer.echo(json.dumps({"url": target, "status": answer.status, "body": answer.body}))
    else:
        typer.echo(f"{sample} -> {target}: {answer.status} {answer.body} ({answer.milliseconds} ms)")
    if answer.status not in {200, 202}:
        raise typer.Exit(FOUND_WRONG)


@app.command()
def deliveries(
    since: Since = "14d",
    resource: Annotated[str, typer.Option(help="Only of this resource, such as issue.")] = "",
    handler: Annotated[str, typer.Option(help="Only those that this handler worked on.")] = "",
    issue: Annotated[str, typer.Option(help="Only those about this issue's id.")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List what arrived and what became of it."""

    def keep(delivery: DeliverySummary, its_runs: list[Run]) -> bool:
        return (
            (not resource or delivery.resource == resource)
            and (not issue or delivery.issue == issue)
            and (not handler or any(run.handler == handler for run in its_runs))
        )

    with explained():
        try:
            start = listings.parse_since(since)
        except ValueError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(WRONG_USAGE) from None
        rows = ask(lambda client: listings.find_deliveries(client, since=start, limit=limit, keep=keep))
    listings.print_deliveries(make_console(), rows, as_json=as_json)


@app.command()
def handlers(as_json: AsJson = False) -> None:
    """List the handlers that the workers have loaded: what they need, what they may do, and what is missing."""
    with explained():
        roster, counts = ask(find_handlers)
    print_handlers(make_console(), roster, counts, as_json=as_json)
