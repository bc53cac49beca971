"""`vedette simulate`: the simulated Sentry as a process of its own."""

import asyncio
import json
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from console.exit_codes import explained
from console.filters import AsJson, seconds_or_exit
from console.instance import DEMONSTRATION_ORGANIZATION
from vedette._core import parent_watch
from vedette._core.logging_setup import configure_logging
from vedette.settings.settings import DEFAULT_INTEGRATION, Settings, load_settings

ServerName = Literal["saas", "self-hosted-23"]
"""As in `vedette.simulator.world.server_profile`, which only the running process needs."""
_IDS_COUNT_FROM = 1_767_225_600
"""2026-01-01, in seconds since 1970: ids begin as many further as milliseconds have passed since."""


def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes a free port.")] = 8660,
    webhook_url: Annotated[str, typer.Option(help="Where webhooks go.")] = "http://127.0.0.1:8650/hooks/default",
    pace: Annotated[float, typer.Option(min=0.05, help="Seconds between events, about.")] = 4.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same events.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="Answer calls only, without events.")] = False,
    past: Annotated[int, typer.Option(min=0, help="Begin with so many issues of the last weeks.")] = 0,
    kept: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="With --past: in what share of decisions people keep their habits.")
    ] = 0.75,
    lost: Annotated[str, typer.Option(help="Begin with so much time whose webhooks were lost: 1h.")] = "",
    calls_per_second: Annotated[int, typer.Option(min=0, help="Calls that it allows; 0: as sentry.io.")] = 0,
    server: Annotated[ServerName, typer.Option(help="The kind of server to simulate.")] = "saas",
    new_ids: Annotated[
        bool, typer.Option("--new-ids", help="Give issues new ids in each run, different from those of earlier runs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a simulated Sentry alone: it answers the Web API and sends signed webhooks.

    VEDETTE_CLIENT_SECRET signs them, VEDETTE_TOKEN opens the API, VEDETTE_ORGANIZATION names the organization.
    """
    from vedette.simulator.process import SimulatorOptions, serve  # noqa: PLC0415 - only this process needs it
    from vedette.simulator.web.rate_limits import RateLimits  # noqa: PLC0415 - as the next
    from vedette.simulator.world.world import FIRST_ID  # noqa: PLC0415 - the same

    configure_logging()
    with explained():
        identity = _resolve_identity(load_settings())
        parent_watch.start()
        options = SimulatorOptions(
            port=port,
            organization=identity.organization,
            token=identity.token,
            client_secret=identity.client_secret,
            webhook_url=webhook_url,
            pace=pace,
            seed=seed,
            demonstration=not quiet,
            past=past,
            kept=kept,
            lost=seconds_or_exit(lost) if lost else 0.0,
            server=server,
            first_id=FIRST_ID + (round((time.time() - _IDS_COUNT_FROM) * 1000) if new_ids else 0),
            limits=RateLimits(requests=calls_per_second, concurrent=calls_per_second, per_endpoint=False)
            if calls_per_second
            else RateLimits(),
            ready=lambda url: _announce(identity, url, webhook_url, as_json=as_json),
        )
        asyncio.run(serve(options))


@dataclass(frozen=True)
class _Identity:
    """The organization and the credentials of the simulated Sentry."""

    organization: str
    token: str
    client_secret: str
    generated: Mapping[str, str]
    """Name -> value of those that the settings lack; valid for this run only."""


def _resolve_identity(settings: Settings) -> _Identity:
    """Take organization, token and secret from the integration `default`, and generate those that it lacks."""
    integration = settings.integrations.get(DEFAULT_INTEGRATION)
    generated: dict[str, str] = {}

    def given(name: str, value: str | None) -> str:
        return value or generated.setdefault(name, secrets.token_hex(32))

    secret = given("client secret", integration.client_secret[0].get_secret_value() if integration else None)
    token = given("token", integration.token.get_secret_value() if integration and integration.token else None)
    organization = (integration.organization if integration else None) or DEMONSTRATION_ORGANIZATION
    return _Identity(organization, token, secret, generated)


def _announce(identity: _Identity, url: str, webhook_url: str, *, as_json: bool) -> None:
    if as_json:
        about = {"url": url, "organization": identity.organization, **identity.generated}
        sys.stdout.write(json.dumps(about) + "\n")
    else:
        typer.echo(f"Simulated Sentry at {url}, organization {identity.organization}, webhooks to {webhook_url}")
        for name, value in identity.generated.items():
            typer.echo(f"  {name}: {value} (generated, for this run only)")
    sys.stdout.flush()
