"""Writes the findings of the diagnosis: each cause with its sentence and the steps that fix it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from vedette.api import scopes as scope_rules
from vedette.checks.evidence import IntegrationEvidence
from vedette.checks.findings import Finding, State


def found(
    evidence: IntegrationEvidence,
    cause: str,
    says: str,
    *mend: str,
    state: State = "broken",
    facts: Mapping[str, str] | None = None,
) -> Finding:
    """Return the finding of a cause; the check that asked puts its id to it."""
    return Finding("", state, says, mend, facts or dict[str, str](), integration=evidence.integration, cause=cause)


def format_time(moment: float) -> str:
    """Return a moment as Sentry shows it: UTC, to the second; `never` for 0."""
    return "never" if moment <= 0 else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"


def find_setting(evidence: IntegrationEvidence, name: str) -> str:
    """Return the path of a setting of the integration in vedette.toml."""
    return f"integrations.{evidence.integration}.{name}"


def open_integration(evidence: IntegrationEvidence) -> str:
    """Return the step that leads to the integration's page in Sentry."""
    return f"Open {evidence.settings_url} in Sentry and choose {evidence.app_name}"


def find_permission(evidence: IntegrationEvidence, scope: str) -> str:
    """Return the permission to choose in the integration's form for a scope, such as `Organization: Read`.

    The form has no line for `org:integrations`: `Organization: Admin` holds it; before August 2026 `Read` was enough.
    """
    if scope == "org:integrations":
        held = evidence.token.scopes if evidence.token else None
        scope = "org:admin" if held is not None and "org:read" in held else "org:read"
    return scope_rules.in_form(scope)
