"""`vedette simulate`: the simulated Sentry as a process of its own."""

import asyncio
import json
import secrets
import sys

import typer

from console.place import DEMONSTRATION_ORGANIZATION
from vedette import lifeline
from vedette.settings import DEFAULT_INTEGRATION, Settings


def simulate(
    settings: Settings,
    port: int,
    webhook_url: str,
    *,
    pace: float,
    seed: int,
    quiet: bool,
    past: int,
    calls: int,
    as_json: bool,
) -> None:
    """Run the simulated Sentry until it is asked to end.

    Secret and token are those of the integration `default`; where it has none, they are made up and shown, since they
    open nothing but this simulation.
    """
    from vedette.simulator.limits import RateLimits  # noqa: PLC0415 - as the next
    from vedette.simulator.process import SimulatorOptions, serve  # noqa: PLC0415 - only this process needs it

    integration = settings.integrations.get(DEFAULT_INTEGRATION)
    made_up: dict[str, str] = {}

    def given(name: str, value: str | None) -> str:
        return value or made_up.setdefault(name, secrets.token_hex(32))

    secret = given("client secret", integration.client_secret[0].get_secret_value() if integration else None)
    token = given("token", integration.token.get_secret_value() if integration and integration.token else None)
    organization = (integration.organization if integration else None) or DEMONSTRATION_ORGANIZATION

    def ready(url: str) -> None:
        if as_json:
            sys.stdout.write(json.dumps({"url": url, "organization": organization, **made_up}) + "\n")
        else:
            typer.echo(f"Simulated Sentry at {url}, organization {organization}, webhooks to {webhook_url}")
            for name, value in made_up.items():
                typer.echo(f"  {name}: {value} (made up, for this run only)")
        sys.stdout.flush()

    lifeline.hold()
    options = SimulatorOptions(
        port=port,
        organization=organization,
        token=token,
        client_secret=secret,
        webhook_url=webhook_url,
        pace=pace,
        seed=seed,
        demonstration=not quiet,
        past=past,
        limits=RateLimits(requests=calls, concurrent=calls, per_endpoint=False) if calls else RateLimits(),
        ready=ready,
    )
    asyncio.run(serve(options))
