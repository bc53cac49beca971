"""The decisive check: whether the issues born in Sentry have arrived here, and if not, the first cause that fits.

A configuration can look right while nothing comes, so the issues that Sentry shows are compared with the deliveries.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from vedette.checks.cause import find_permission, found, open_integration
from vedette.checks.configuration_causes import app_disabled, app_missing, token_rejected, wrong_url
from vedette.checks.demand import is_ticked
from vedette.checks.evidence import BirthEvidence, IntegrationEvidence
from vedette.checks.findings import Finding
from vedette.checks.silence_causes import (
    address_refused,
    breaker_open,
    hook_missing,
    project_filtered,
    unknown_silence,
)
from vedette.checks.transit_causes import answered_elsewhere, answered_with_error, secret_rotated
from vedette.checks.url_causes import url_answered_by_another

Diagnose = Callable[[IntegrationEvidence], Finding | None]

BORN: Final = "issue.created"
CAUSES: Final[tuple[Diagnose, ...]] = (
    app_missing,
    app_disabled,
    wrong_url,
    secret_rotated,
    answered_with_error,
    answered_elsewhere,
    url_answered_by_another,
    address_refused,
    breaker_open,
    hook_missing,
    project_filtered,
)
"""In the order of certainty: statements of Sentry come before conclusions."""


def check_arrivals(evidence: IntegrationEvidence) -> Finding:
    """Compare the issues that were born in Sentry with the deliveries, and diagnose the missing ones."""
    births = evidence.births
    rejected = token_rejected(evidence)
    if births is None or births.problem is not None:
        return rejected or _unknown(evidence, births)
    if not _is_subscribed(evidence):
        return found(
            evidence,
            "not_comparable",
            f"{BORN} is not ticked in the integration, so arrivals cannot be compared with Sentry's issues",
            f"Tick {BORN}, which costs little, and the watchdog can report when nothing arrives",
            state="unknown",
        )
    if not births.missing:
        return found(evidence, "", _describe_well(births), state="ok", facts=_count(births))
    cause = next((one for diagnose in CAUSES if (one := diagnose(evidence)) is not None), None)
    return _broken(evidence, births, cause or unknown_silence(evidence))


def _broken(evidence: IntegrationEvidence, births: BirthEvidence, cause: Finding) -> Finding:
    missing, born = births.missing, births.issues
    of = "none" if len(missing) == len(born) else f"{len(born) - len(missing)}"
    says = f"of {len(born)} issue{'s' * (len(born) != 1)} born in Sentry in {_minutes(births)} minutes {of} arrived: "
    return replace(
        cause,
        integration=evidence.integration,
        state="broken" if len(missing) == len(born) else "warn",
        says=says + cause.says,
        evidence={**_count(births), "first missing": missing[0].label, **cause.evidence},
    )


def _unknown(evidence: IntegrationEvidence, births: BirthEvidence | None) -> Finding:
    problem = births.problem if births else None
    if problem is None:
        return found(evidence, "not_asked", "Sentry was not asked", state="unknown")
    allowed = find_permission(evidence, problem.scope) if problem.scope else ""
    step = (f"{open_integration(evidence)}, set {allowed} under Permissions, and save",) if allowed else ()
    says = f"issues cannot be read: {problem.sentence.rstrip('.')}"
    return found(evidence, "not_readable", says, *step, state="unknown")


def _is_subscribed(evidence: IntegrationEvidence) -> bool:
    app = evidence.app.app if evidence.app else None
    return app is None or is_ticked(BORN, app.webhook_events, app.events)


def _describe_well(births: BirthEvidence) -> str:
    if not births.issues and not _minutes(births):
        return "no issue had to arrive yet: the receiver has listened for less than three minutes"
    if not births.issues:
        return f"no issue was born in Sentry in {_minutes(births)} minutes, so none had to arrive"
    return f"all {len(births.issues)} issues born in Sentry in {_minutes(births)} minutes arrived"


def _minutes(births: BirthEvidence) -> int:
    return round((births.until - births.since) / 60)


def _count(births: BirthEvidence) -> dict[str, str]:
    return {"born": str(len(births.issues)), "missing": str(len(births.missing))}
