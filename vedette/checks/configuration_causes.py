"""Diagnoses what is wrong with the token and the integration in Sentry, from evidence alone."""

from vedette.checks.cause import find_setting, found, open_integration
from vedette.checks.demand import is_ticked
from vedette.checks.evidence import ALERT_RESOURCES, SUBSCRIBED_RESOURCES, IntegrationEvidence
from vedette.checks.findings import Finding
from vedette.settings.problems import find_variable

PLAN_FEATURE = "integrations-event-hooks"
"""The feature that a plan with `error` webhooks has (getsentry/sentry sentry_app_details.py@062a1524)."""
_UNAUTHORIZED = 401


def token_rejected(evidence: IntegrationEvidence) -> Finding | None:
    """Find a 401 of Sentry: the token was revoked, has expired, or was never right."""
    parts = (evidence.token, evidence.app, evidence.log, evidence.births, evidence.about)
    problems = [part.problem for part in parts if part is not None and part.problem is not None]
    if not any(problem.status == _UNAUTHORIZED for problem in problems):
        return None
    setting = find_setting(evidence, "token")
    return found(
        evidence,
        "token_rejected",
        "Sentry rejects the API token: it was revoked or has expired",
        f"{open_integration(evidence)}, and create a token under Tokens",
        f"Put it into {find_variable(setting)} (or its _FILE, or `{setting}` in vedette.toml), and restart the workers",
    )


def app_missing(evidence: IntegrationEvidence) -> Finding | None:
    """Find that the organization has no such integration."""
    part = evidence.app
    if part is None or part.problem is not None or part.app is not None or (part.candidates and not part.wanted):
        return None
    name = f"custom integration {part.wanted}" if part.wanted else "custom integration"
    return found(
        evidence,
        "app_missing",
        f"the organization {evidence.organization} has no {name}: it was deleted, or is another organization's",
        f"Create an internal integration at {evidence.settings_url}",
        f"Set its client secret and token under [integrations.{evidence.integration}], and restart Vedette",
        facts={"organization": evidence.organization, "has": ", ".join(part.candidates) or "none"},
    )


def app_disabled(evidence: IntegrationEvidence) -> Finding | None:
    """Find that Sentry's staff has switched the integration off; its own endpoints answer 403 then."""
    app = evidence.app.app if evidence.app else None
    if app is None or not app.is_disabled:
        return None
    return found(
        evidence,
        "app_disabled",
        f"Sentry's staff has disabled the integration {app.slug}, which sends nothing since",
        f"Write to Sentry's support, and name the integration {app.slug} ({app.uuid}) of {evidence.organization}",
        facts={"slug": app.slug, "uuid": app.uuid},
    )


def wrong_url(evidence: IntegrationEvidence) -> Finding | None:
    """Find that Sentry has another webhook URL than the settings say, or none."""
    app, wanted = evidence.app.app if evidence.app else None, evidence.public_url
    if app is None or (app.webhook_url and (wanted is None or app.webhook_url.rstrip("/") == wanted.rstrip("/"))):
        return None
    sent_to = app.webhook_url or "no address at all"
    curl = (
        f"or, with the token of a person who holds org:write: curl -X PUT -H 'Authorization: Bearer TOKEN' "
        f"-H 'Content-Type: application/json' -d '{{\"webhookUrl\": \"{wanted or 'URL'}\"}}' "
        f"{evidence.sentry_url}/api/0/sentry-apps/{app.slug}/"
    )
    return found(
        evidence,
        "wrong_url",
        f"Sentry sends webhooks to {sent_to}, not to {wanted or 'a receiver'}",
        f"{open_integration(evidence)}, and set Webhook URL to {wanted or 'the URL of the receiver'}; {curl}",
        facts={"in Sentry": sent_to, "public_url": wanted or "not set"},
    )


def unticked(evidence: IntegrationEvidence) -> Finding | None:
    """Find events that handlers ask for and the integration is not subscribed to."""
    app = evidence.app.app if evidence.app else None
    if app is None:
        return None
    wanted = [event for event in evidence.demand.events if event.partition(".")[0] in SUBSCRIBED_RESOURCES]
    missing = sorted(event for event in wanted if not is_ticked(event, app.webhook_events, app.events))
    if not missing:
        return None
    names = ", ".join(missing)
    owners = sorted({owner for event in missing for owner in evidence.demand.events[event]})
    starving = evidence.demand.starving(missing)
    effect = f"{', '.join(starving)} get{'s' if len(starving) == 1 else ''} nothing" if starving else "the rest comes"
    return found(
        evidence,
        "unticked",
        f"the integration is not subscribed to {names}, which {', '.join(owners)} ask{'s' * (len(owners) == 1)} for: "
        f"{effect}",
        f"{open_integration(evidence)}, tick {names} under Webhooks, and save",
        state="broken" if starving else "warn",
        facts={"unticked": names, "handlers": ", ".join(owners)},
    )


def not_alertable(evidence: IntegrationEvidence) -> Finding | None:
    """Find that handlers ask for alerts, and no alert can choose the integration as its action."""
    app = evidence.app.app if evidence.app else None
    missing = sorted(event for event in evidence.demand.events if event.partition(".")[0] in ALERT_RESOURCES)
    if app is None or app.is_alertable or not missing:
        return None
    owners = sorted({owner for event in missing for owner in evidence.demand.events[event]})
    return found(
        evidence,
        "not_alertable",
        f"no alert can reach {', '.join(owners)}: Alert Rule Action is off in the integration",
        f"{open_integration(evidence)}, switch on Alert Rule Action, and save",
        "Choose the integration as an action in the alerts that shall reach Vedette",
        state="broken" if evidence.demand.starving(missing) else "warn",
        facts={"events": ", ".join(missing)},
    )


def plan_without_errors(evidence: IntegrationEvidence) -> Finding | None:
    """Find that handlers ask for `error` webhooks, which the organization's plan does not have."""
    features = evidence.about.features if evidence.about else None
    if features is None or not evidence.demand.wants(("error",)) or PLAN_FEATURE in features:
        return None
    missing = [event for event in evidence.demand.events if event.startswith("error.")]
    owners = sorted({owner for event in missing for owner in evidence.demand.events[event]})
    return found(
        evidence,
        "plan_without_errors",
        f"the organization's plan has no error webhooks, which {', '.join(owners)} ask{'s' * (len(owners) == 1)} for",
        "Change to a plan with error webhooks (Business), or let the handlers ask for issue.created instead",
        state="broken" if evidence.demand.starving(missing) else "warn",
        facts={"missing feature": PLAN_FEATURE},
    )
