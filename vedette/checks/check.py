"""Defines a check of one integration, and what a check says that could not be made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vedette.checks.arrival_check import Diagnose
from vedette.checks.cause import find_permission, found, open_integration
from vedette.checks.evidence import IntegrationEvidence, Unasked
from vedette.checks.findings import Finding

Need = Literal["token", "app", "log", "births", "door", "url", "about", "alerts"]
"""A part of the evidence."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of an integration."""

    id: str
    needs: frozenset[Need]
    """The parts of the evidence that it judges."""
    run: Callable[[IntegrationEvidence], Finding]

    def __call__(self, evidence: IntegrationEvidence) -> Finding:
        """Return the finding."""
        return replace(self.run(evidence), check=self.id, integration=evidence.integration)


def first_cause(
    causes: Sequence[Diagnose], otherwise: Callable[[IntegrationEvidence], Finding]
) -> Callable[[IntegrationEvidence], Finding]:
    """Return a check that reports the first cause that fits, or else what `otherwise` finds."""

    def run(evidence: IntegrationEvidence) -> Finding:
        return next((one for cause in causes if (one := cause(evidence)) is not None), None) or otherwise(evidence)

    return run


def unasked(evidence: IntegrationEvidence, what: str, problem: Unasked | None) -> Finding:
    """Return that a check could not be made, and the permission that would settle it."""
    if problem is None:
        return found(evidence, "not_asked", f"{what} was not asked for", state="unknown")
    step = (
        f"{open_integration(evidence)}, set {find_permission(evidence, problem.scope)} under Permissions, and save"
        if problem.scope
        else ""
    )
    return found(
        evidence,
        "not_readable",
        f"{what} cannot be read: {problem.sentence.rstrip('.')}",
        *filter(None, (step,)),
        state="unknown",
        facts={"status": str(problem.status)},
    )
