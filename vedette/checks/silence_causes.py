"""Diagnoses why Sentry does not even try: issues are born there, and its delivery log has no line of them.

The numbers of Sentry's circuit breaker are those of getsentry/sentry#111723; that a missing service hook stops all
subscriptions, and no alert, is in its sentry_apps.py (`_load_service_hook`, `send_webhooks`).
"""

from vedette.checks.cause import find_permission, format_time, found, open_integration
from vedette.checks.evidence import ALERT_RESOURCES, SUBSCRIBED_RESOURCES, IntegrationEvidence
from vedette.checks.findings import Finding

BREAKER_TIMEOUTS = 500
"""Hard timeouts within ten minutes, and at least half of all requests, that open Sentry's circuit breaker."""
BREAKER_WINDOW = 600.0
BREAKER_BLOCKED = 300.0
"""Seconds for which it stays open."""
_UNMIGRATED = (26, 7)
"""The self-hosted version from which rules of older ones send nothing until they are saved (self-hosted#4452)."""
_GRACE = 300.0
_DAY = 86_400.0


def address_refused(evidence: IntegrationEvidence) -> Finding | None:
    """Find that a self-hosted Sentry refuses the private address of the receiver, which it does not log."""
    has_come = bool(evidence.door and evidence.door.last)
    if evidence.is_saas or not evidence.is_private or has_come or not _is_silent(evidence):
        return None
    return found(
        evidence,
        "address_refused",
        f"Sentry sends nothing to {evidence.public_url}, a private address, which self-hosted servers refuse",
        "Take the receiver's network out of SENTRY_DISALLOWED_IPS in sentry.conf.py, and restart Sentry",
        facts={"public_url": evidence.public_url or ""},
    )


def address_unreachable(evidence: IntegrationEvidence) -> Finding | None:
    """Find a private address that sentry.io cannot reach, or that a self-hosted Sentry may refuse."""
    address = evidence.public_url or "the webhook URL"
    # A name may resolve to private addresses here and to others on the internet; what has arrived proves it.
    if not evidence.is_private or evidence.door is None or evidence.door.last:
        return None
    if evidence.is_saas:
        return found(
            evidence,
            "address_unreachable",
            f"nothing has ever arrived from sentry.io, and {address} leads to a private network, seen from here",
            "Give the receiver an address on the internet (docs/deployment.md), and enter it in Sentry",
            state="warn",
            facts={"url": address},
        )
    return found(
        evidence,
        "address_may_be_refused",
        f"nothing has ever arrived from this self-hosted Sentry, which may refuse {address} as a private address",
        "Take the receiver's network out of SENTRY_DISALLOWED_IPS in sentry.conf.py, and restart Sentry",
        "Let something happen in Sentry, and run `vedette doctor` again",
        state="warn",
        facts={"url": address},
    )


def breaker_open(evidence: IntegrationEvidence) -> Finding | None:
    """Find that Sentry's circuit breaker is probably open: enough requests may have hung before the silence."""
    births, door = evidence.births, evidence.door
    if not _is_silent(evidence) or births is None or door is None:
        return None
    hung = sum(one.hung for one in door.receivers if evidence.now - one.last_hung / 1000 <= BREAKER_WINDOW * 2)
    if hung < BREAKER_TIMEOUTS:
        return None
    last = max(one.last_hung for one in door.receivers) / 1000
    return found(
        evidence,
        "breaker_open",
        f"Sentry's circuit breaker is open: {hung} requests took more than 4 seconds here",
        "Find out why the receiver or the proxy hung (metric vedette_accept_seconds), and mend it",
        "Wait: it opens for five minutes at a time, and `vedette reconcile` brings the missing webhooks",
        facts={"last hung": format_time(last), "closes about": format_time(last + BREAKER_BLOCKED)},
    )


def hook_missing(evidence: IntegrationEvidence) -> Finding | None:
    """Find that Sentry has lost the integration's service hook: alerts go on, and nothing that is subscribed comes."""
    births = evidence.births
    if not _is_silent(evidence) or births is None:
        return None
    first = births.missing[0].first_seen
    subscribed = evidence.last_arrival(SUBSCRIBED_RESOURCES)
    if subscribed >= first or len(births.missing) < len(births.issues):
        return None
    alerts = evidence.last_arrival(ALERT_RESOURCES)
    proof = (
        f"alerts still arrive (the last at {format_time(alerts)})" if alerts >= first else "its log has no line of it"
    )
    return found(
        evidence,
        "hook_missing",
        f"Sentry sends none of what the integration is subscribed to, and {proof}: it has lost its service hook",
        f"{open_integration(evidence)}, untick one event under Webhooks and save, then tick it again and save",
        facts={"last of a subscription": format_time(subscribed), "last alert": format_time(alerts)},
    )


def project_filtered(evidence: IntegrationEvidence) -> Finding | None:
    """Find that issues of some projects arrive and none of others: the service hook is limited to projects."""
    births = evidence.births
    if births is None or not births.missing:
        return None
    arriving = {one.project for one in births.issues if one.has_arrived}
    silent = sorted({one.project for one in births.missing} - arriving)
    if not arriving or not silent or any(one.project in arriving for one in births.missing):
        return None
    return found(
        evidence,
        "project_filtered",
        f"issues of {', '.join(silent)} do not arrive, and those of {', '.join(sorted(arriving))} do",
        f"{open_integration(evidence)} and save it, so that Sentry makes its service hook for all projects",
        state="warn",
        facts={"silent projects": ", ".join(silent)},
    )


def alerts_not_migrated(evidence: IntegrationEvidence) -> Finding | None:
    """Find that alerts alone fail to arrive: a self-hosted Sentry has not migrated the rules of an older version."""
    alerts = evidence.alerts
    if alerts is None or alerts.problem is not None or not evidence.demand.wants(ALERT_RESOURCES):
        return None
    last = evidence.last_arrival(ALERT_RESOURCES)
    fired = alerts.last_triggered > last + _GRACE and alerts.last_triggered < evidence.now - _GRACE
    vanished = alerts.count == 0 and 0 < last < evidence.now - _DAY
    if not fired and not vanished:
        return None
    is_old = not evidence.is_saas and _version(evidence.server_version) >= _UNMIGRATED
    facts = {"last alert here": format_time(last), "last triggered": format_time(alerts.last_triggered)}
    if not is_old:
        return _missing_alerts(evidence, facts) if fired else None
    return found(
        evidence,
        "alerts_not_migrated",
        f"alerts do not arrive, while issues do: Sentry {evidence.server_version} has not migrated older alert rules",
        "Open each alert rule in Sentry that has the integration as an action, and save it once",
        state="broken" if fired else "warn",
        facts=facts,
    )


def _missing_alerts(evidence: IntegrationEvidence, facts: dict[str, str]) -> Finding:
    return found(
        evidence,
        "alerts_missing",
        "alerts were triggered in Sentry and did not arrive",
        f"Open the alerts in Sentry, and check that each has {evidence.app_name} as an action; save it once",
        facts=facts,
    )


def unknown_silence(evidence: IntegrationEvidence) -> Finding:
    """Return the finding where no other cause fits: the evidence for Sentry's support."""
    app = evidence.app.app if evidence.app else None
    missing = evidence.births.missing if evidence.births else ()
    facts = {
        "integration": f"{app.slug} {app.uuid}" if app else "not known",
        "missing issues": ", ".join(f"{one.label} at {format_time(one.first_seen)}" for one in missing[:5]),
        "last delivery here": format_time(evidence.last_arrival((*SUBSCRIBED_RESOURCES, *ALERT_RESOURCES))),
        "request ids": ", ".join(line.request_id for line in (evidence.log.lines if evidence.log else ())[:3]),
    }
    log = evidence.log.problem if evidence.log else None
    allowed = find_permission(evidence, log.scope) if log and log.scope else ""
    permission = (f"{open_integration(evidence)}, and set {allowed}, so that its log can be read",) if allowed else ()
    return found(
        evidence,
        "unknown",
        "the cause is not known: the settings in Sentry look right",
        *permission,
        f"{open_integration(evidence)}, and save it once without a change",
        "Send the evidence (`vedette doctor --json`) to Sentry's support; `vedette reconcile` brings the webhooks",
        facts=facts,
    )


def _is_silent(evidence: IntegrationEvidence) -> bool:
    """Return whether issues are missing of which the delivery log has no line."""
    births, log = evidence.births, evidence.log
    if births is None or not births.missing or log is None or log.problem is not None:
        return False
    first = births.missing[0].first_seen
    return not any(line.event == "issue.created" and line.when >= first - 1 for line in log.lines)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())
