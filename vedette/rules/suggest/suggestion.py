"""Defines a suggested rule with its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vedette.rules.suggest.candidate_terms import CandidateTerm
from vedette.rules.suggest.confidence import AgreementInterval
from vedette.rules.suggest.train_test_split import TrainingTarget


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested rule.

    Attributes:
        conditions: The conditions, all of which must be true.
        target: The choice of people.
        matched: The number of issues of the past that it finds.
        figures: The agreement with people.
        latest: The agreement in the test set, which was not used for learning.
        against: Ids of some issues on which people chose otherwise.
    """

    conditions: tuple[CandidateTerm, ...]
    target: TrainingTarget
    matched: int
    figures: AgreementInterval
    latest: AgreementInterval
    against: tuple[str, ...]

    @property
    def when(self) -> str:
        """The conditions as a search."""
        return " ".join(condition.text for condition in self.conditions)

    def finds(self, features: Mapping[str, str]) -> bool:
        """Return whether its search finds an issue of these features."""
        return all(one.key in features and one.matches(features[one.key]) for one in self.conditions)

    def as_json(self) -> dict[str, Any]:
        """Return the JSON of the suggestion."""
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
