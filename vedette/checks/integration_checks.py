"""The checks of one integration: pure functions of the evidence, for `vedette doctor` and for the watchdog."""

from collections.abc import Callable, Sequence
from typing import Final

from vedette.checks.arrival_check import Diagnose, check_arrivals
from vedette.checks.cause import find_setting, found
from vedette.checks.check import Check, Need, first_cause, unasked
from vedette.checks.configuration_causes import (
    app_disabled,
    app_missing,
    not_alertable,
    plan_without_errors,
    token_rejected,
    unticked,
    wrong_url,
)
from vedette.checks.evidence import IntegrationEvidence
from vedette.checks.findings import Finding
from vedette.checks.silence_causes import address_unreachable, alerts_not_migrated
from vedette.checks.token_checks import check_organization, check_scopes, check_token
from vedette.checks.transit_causes import answered_elsewhere, answered_with_error, secret_rotated
from vedette.checks.url_causes import url_answered_by_another


def _integration(evidence: IntegrationEvidence) -> Finding:
    part = evidence.app
    if part is None or part.problem is not None:
        return unasked(evidence, "the integration", part.problem if part else None)
    if part.app is None:
        return found(
            evidence,
            "app_ambiguous",
            f"the organization has several integrations ({', '.join(part.candidates)}): which is meant is not known",
            f"Set `{find_setting(evidence, 'app')}` to one of {', '.join(part.candidates)}, or `public_url` to its URL",
            state="unknown",
        )
    return found(evidence, "", f"Sentry has the integration {part.app.slug}, and it is enabled", state="ok")


def _webhook_url(evidence: IntegrationEvidence) -> Finding:
    app = evidence.app.app if evidence.app else None
    if app is None:
        return unasked(evidence, "the webhook URL", evidence.app.problem if evidence.app else None)
    compared = "" if evidence.public_url else " (`public_url` is not set, so it is not compared)"
    return found(evidence, "", f"Sentry sends webhooks to {app.webhook_url}{compared}", state="ok")


def _fine(what: str) -> Callable[[IntegrationEvidence], Finding]:
    def run(evidence: IntegrationEvidence) -> Finding:
        if evidence.app is None or evidence.app.app is None:
            return unasked(evidence, "the integration", evidence.app.problem if evidence.app else None)
        return found(evidence, "", what, state="ok")

    return run


def _plan(evidence: IntegrationEvidence) -> Finding:
    if not evidence.demand.wants(("error",)):
        return found(evidence, "", "no handler asks for error webhooks, which some plans lack", state="ok")
    about = evidence.about
    if about is None or about.features is None:
        return unasked(evidence, "the plan's features", about.problem if about else None)
    return found(evidence, "", "the organization's plan has error webhooks", state="ok")


def _deliveries(evidence: IntegrationEvidence) -> Finding:
    log = evidence.log
    if log is None or log.problem is not None:
        return unasked(evidence, "Sentry's delivery log", log.problem if log else None)
    count = len(log.lines)
    return found(evidence, "", f"Sentry's delivery log has no failure to mend in its newest {count} lines", state="ok")


def _public_url(evidence: IntegrationEvidence) -> Finding:
    if evidence.url is None:
        return found(
            evidence,
            "url_unknown",
            "the public URL is not known, so it cannot be tried",
            f"Set `{find_setting(evidence, 'public_url')}` to the Webhook URL that the integration has in Sentry",
            state="unknown",
        )
    return found(evidence, "", f"{evidence.url.url} leads to the receiver, which asks for a signature", state="ok")


def _address(evidence: IntegrationEvidence) -> Finding:
    if evidence.is_saas:
        return found(evidence, "", "the webhook URL is not an address of a private network", state="ok")
    version = f"Sentry {evidence.server_version}" if evidence.server_version else "the self-hosted Sentry"
    return found(evidence, "", f"{version} does not refuse the receiver's address", state="ok")


def _alerts(evidence: IntegrationEvidence) -> Finding:
    alerts = evidence.alerts
    if not evidence.demand.wants(("event_alert", "activity_alert", "metric_alert")):
        return found(evidence, "", "no handler asks for alerts", state="ok")
    if alerts is None or alerts.problem is not None:
        return unasked(evidence, "the alerts", alerts.problem if alerts else None)
    return found(evidence, "", f"{alerts.count} alerts have the integration as an action", state="ok")


def _check(
    id_: str, needs: set[Need], causes: Sequence[Diagnose], run: Callable[[IntegrationEvidence], Finding]
) -> Check:
    return Check(id_, frozenset(needs), first_cause(causes, run))  # type: ignore[arg-type]


CHECKS: Final[tuple[Check, ...]] = (
    _check("token", {"token"}, (token_rejected,), check_token),
    _check("scopes", {"token"}, (), check_scopes),
    _check("organization", {"about"}, (token_rejected,), check_organization),
    _check("integration", {"app"}, (app_missing, app_disabled), _integration),
    _check("webhook_url", {"app"}, (wrong_url,), _webhook_url),
    _check("subscriptions", {"app"}, (unticked,), _fine("all events that handlers ask for are ticked")),
    _check("alert_action", {"app"}, (not_alertable,), _fine("alerts can reach the handlers that ask for them")),
    _check("plan", {"about"}, (plan_without_errors,), _plan),
    _check("alerts", {"alerts", "door"}, (alerts_not_migrated,), _alerts),
    _check("address", {"door", "app"}, (address_unreachable,), _address),
    _check("public_url", {"url"}, (url_answered_by_another,), _public_url),
    _check("deliveries", {"log", "door"}, (secret_rotated, answered_with_error, answered_elsewhere), _deliveries),
    Check("arrives", frozenset({"births", "door", "app", "log"}), check_arrivals),
)
"""All checks of an integration, in the order in which a person reads them."""
