"""A rule that the past speaks for, with the figures that say how clearly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vedette.rules.suggest.candidate_terms import CandidateTerm
from vedette.rules.suggest.confidence import AgreementInterval
from vedette.rules.suggest.train_test_split import TrainingTarget


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposed rule.

    Attributes:
        conditions: what must hold.
        target: what people chose.
        matched: how many issues of the past it finds.
        figures: what people did with those that they decided on.
        latest: the same of the most recent part alone, which it was not learned from.
        against: ids of issues where people chose otherwise, some of them.
    """

    conditions: tuple[CandidateTerm, ...]
    target: TrainingTarget
    matched: int
    figures: AgreementInterval
    latest: AgreementInterval
    against: tuple[str, ...]

    @property
    def when(self) -> str:
        """Its search."""
        return " ".join(condition.text for condition in self.conditions)

    def finds(self, features: Mapping[str, str]) -> bool:
        """Whether its search finds an issue of these features."""
        return all(one.key in features and one.matches(features[one.key]) for one in self.conditions)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "when": self.when,
            "kind": self.target.kind,
            "value": self.target.value,
            "matched": self.matched,
            "judged": self.figures.judged,
            "agreed": self.figures.agreed,
            "agreement": round(self.figures.share, 4),
            "agreement_low": round(self.figures.low, 4),
            "latest_judged": self.latest.judged,
            "latest_agreed": self.latest.agreed,
            "against": list(self.against),
        }
