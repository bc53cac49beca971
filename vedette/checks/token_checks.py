"""The checks of a token and of the organization that it reaches."""

from vedette.api import scopes as scope_rules
from vedette.checks.cause import find_setting, found, open_integration
from vedette.checks.check import unasked
from vedette.checks.evidence import IntegrationEvidence
from vedette.checks.findings import Finding


def check_token(evidence: IntegrationEvidence) -> Finding:
    """Check that Sentry accepts the token, and that it is of the right kind."""
    token = evidence.token
    if token is None or token.problem is not None:
        return unasked(evidence, "the token's owner", token.problem if token else None)
    if token.kind in {"organization", "DSN"}:
        return found(
            evidence,
            "token_kind",
            f"the token is of the kind {token.kind}, which cannot read issues",
            f"{open_integration(evidence)}, and create a token under Tokens",
            f"Put it into `{find_setting(evidence, 'token')}`, and restart the workers",
        )
    if token.kind == "user":
        return found(
            evidence,
            "token_of_person",
            "the token belongs to a person, to whom Sentry attributes Vedette's changes",
            f"{open_integration(evidence)}, create a token under Tokens, and set it instead",
            state="warn",
        )
    held = "its scopes are not known" if token.scopes is None else f"with {len(token.scopes)} scopes"
    return found(evidence, "", f"Sentry accepts the token, {held}", state="ok")


def check_scopes(evidence: IntegrationEvidence) -> Finding:
    """Check that the token holds the scopes that handlers and agents need."""
    held = evidence.token.scopes if evidence.token else None
    if held is None:
        return unasked(evidence, "the token's scopes", evidence.token.problem if evidence.token else None)
    missing = sorted(scope for scope in evidence.demand.scopes if scope not in held)
    if not missing:
        count = len(evidence.demand.scopes)
        return found(evidence, "", f"the token holds the {count} scopes that handlers and agents need", state="ok")
    owners = sorted({owner for scope in missing for owner in evidence.demand.scopes[scope]})
    return found(
        evidence,
        "scopes_missing",
        f"the token lacks {', '.join(missing)}, which {', '.join(owners)} need{'s' * (len(owners) == 1)}",
        f"{open_integration(evidence)}, set {', '.join(map(scope_rules.in_form, missing))} under Permissions, and save",
        facts={"missing": ", ".join(missing), "held": ", ".join(sorted(held))},
    )


def check_organization(evidence: IntegrationEvidence) -> Finding:
    """Check that the token reaches the organization of the settings."""
    about = evidence.about
    if about is not None and about.problem is not None and about.problem.status == 404:  # noqa: PLR2004
        return found(
            evidence,
            "organization_unknown",
            f"Sentry at {evidence.sentry_url} has no organization {evidence.organization} that the token may see",
            f"Correct `{find_setting(evidence, 'organization')}`: it is SLUG in https://SLUG.sentry.io",
            f"Check `{find_setting(evidence, 'sentry_url')}`, and that the token is of that organization",
        )
    if about is None or about.problem is not None:
        return unasked(evidence, "the organization", about.problem if about else None)
    where = f", its data is at {about.region}" if about.region else ""
    return found(evidence, "", f"the organization {evidence.organization} exists{where}", state="ok")
