"""`vedette doctor`: checks the whole installation, and says what to do about what is wrong."""

from typing import Annotated

import typer

from console.exit_codes import explained
from console.filters import AsJson
from console.instance import find_instance
from console.rendering.doctor_report import print_findings
from console.rendering.terminal import make_console
from console.session import ask
from vedette.admin.delivery_probe import probe_deliveries
from vedette.admin.doctor import examine
from vedette.admin.names import UnknownNameError
from vedette.admin.session import AdminSession
from vedette.checks.findings import Finding, worst_severity
from vedette.checks.settings_checks import settings_broken
from vedette.settings.settings import DEFAULT_INTEGRATION, Settings, SettingsError, load_settings


def doctor(
    as_json: AsJson = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask neither Sentry nor the public URL.")] = False,
    integration: Annotated[str, typer.Option(help="Check this integration alone.", metavar="NAME")] = "",
    probe: Annotated[
        str,
        typer.Option(
            metavar="ISSUE",
            help="Also write a comment on this issue and delete it, to prove that its webhooks arrive. Sentry mails "
            "the issue's subscribers.",
        ),
    ] = "",
) -> None:
    """Check settings, plugins, Redis, processes, and each integration as Sentry has it.

    Exit code 0 if all is well, 1 with warnings, 2 if something is broken.
    """
    with explained():
        try:
            settings = load_settings()
        except SettingsError as error:
            findings = settings_broken(error)
        else:
            findings = _examine(settings, integration, offline=offline, probe=probe)
    print_findings(make_console(), findings, as_json=as_json)
    raise typer.Exit(worst_severity(findings))


def _examine(settings: Settings, integration: str, *, offline: bool, probe: str) -> list[Finding]:
    names = sorted(settings.integrations) or [DEFAULT_INTEGRATION]
    if integration and integration not in names:
        raise UnknownNameError("integration", integration, names, advice=f"there is {', '.join(names)}")
    chosen = [integration] if integration else names
    if probe and (len(chosen) > 1 or offline):
        advice = "without --offline" if offline else f"with --integration, one of {', '.join(names)}"
        raise typer.BadParameter(f"give --probe {advice}")
    url = find_instance(settings).redis_url

    async def run(session: AdminSession) -> list[Finding]:
        findings = await examine(session, url, chosen, is_offline=offline)
        if probe:
            findings.append(await probe_deliveries(session, chosen[0], probe))
        return findings

    return ask(run, shows_outages=True)
