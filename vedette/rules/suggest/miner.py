"""Mines suggestions from the past: counts conditions, chooses the best, and verifies them by search.

Time and memory are bounded by limits on conditions, choices and pairs, so a hundred thousand issues take seconds. Every
figure of a suggestion is counted by evaluating its search on every issue.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vedette.rules.suggest.bitset_index import bits_of, make_index
from vedette.rules.suggest.candidate_terms import CandidateTerm
from vedette.rules.suggest.candidates import Candidate, find_candidates, keep_distinct
from vedette.rules.suggest.labelled_issue import DISMISSALS, LabelledIssue
from vedette.rules.suggest.suggestion import Suggestion
from vedette.rules.suggest.thresholds import Thresholds
from vedette.rules.suggest.train_test_split import TrainingTarget, TrainTestSplit, split_past

_MOST_TARGETS: Final = 100
_MOST_PER_TARGET: Final = 8
_LISTED_AGAINST: Final = 5
_LEAST_NEW: Final = 0.3
"""The share of its issues that a further rule for the same target must be the first to find."""


def propose(past: Iterable[LabelledIssue], thresholds: Thresholds | None = None) -> list[Suggestion]:
    """Suggest rules from the past, those with the most support first."""
    return _Mining(sorted(past, key=lambda issue: issue.when), thresholds or Thresholds()).proposals()


@dataclass
class _Mining:
    past: Sequence[LabelledIssue]
    thresholds: Thresholds
    ground: TrainTestSplit = field(init=False)
    _searched: dict[CandidateTerm, int] = field(init=False, default_factory=dict[CandidateTerm, int])

    def __post_init__(self) -> None:
        self.ground = split_past(self.past)

    def proposals(self) -> list[Suggestion]:
        index = make_index(self.past, max(3, self.thresholds.support // 2))
        sets = {dismissing: keep_distinct(index.sets, dismissing=dismissing) for dismissing in (False, True)}
        found = [
            self._proposal(one, target)
            for target in self._targets()
            for one in self._chosen(self._candidates(sets[target.kind in DISMISSALS], target), target)
        ]
        return sorted(found, key=lambda one: (-one.figures.agreed, one.when, one.target))

    def _candidates(self, sets: Mapping[CandidateTerm, int], target: TrainingTarget) -> list[Candidate]:
        return find_candidates(sets, self.ground, target, self.thresholds)

    def _targets(self) -> list[TrainingTarget]:
        support = {target: issues.bit_count() for target, issues in self.ground.chosen.items()}
        enough = [target for target, count in support.items() if count >= self.thresholds.support]
        return sorted(enough, key=lambda target: (-support[target], target))[:_MOST_TARGETS]

    def _chosen(self, found: list[Candidate], target: TrainingTarget) -> list[Candidate]:
        """Choose candidates that together cover the target, each with issues of its own."""
        left, chosen, covered = list(found), list[Candidate](), 0
        while left and len(chosen) < _MOST_PER_TARGET:
            best = max(left, key=lambda one: self._gain(one, target, covered))
            left.remove(best)
            new = (best.found & self.ground.chosen[target] & ~covered).bit_count()
            if self._gain(best, target, covered) <= 0:
                break
            exact = Candidate(best.conditions, self._searched_for(best))
            figures = self.ground.agreement(exact.found, target)
            if new >= max(self.thresholds.support / 2, figures.agreed * _LEAST_NEW) and self._is_good(exact, target):
                chosen.append(exact)
                covered |= exact.found
        return chosen

    def _gain(self, one: Candidate, target: TrainingTarget, covered: int) -> float:
        """Return the newly covered issues of a candidate, less its errors; a single condition is preferred."""
        wrong = (one.found & self.ground.judged[target.kind] & ~self.ground.chosen[target]).bit_count()
        new = (one.found & self.ground.chosen[target] & ~covered).bit_count()
        weight = 0.5 / max(0.01, 1 - self.thresholds.agreement)
        return (new - wrong * weight) * (1.0 if len(one.conditions) == 1 else 0.97)

    def _is_good(self, one: Candidate, target: TrainingTarget) -> bool:
        figures = self.ground.agreement(one.found, target)
        latest = self.ground.agreement(one.found & ~self.ground.learned, target)
        return self.thresholds.holds(figures, one.found.bit_count()) and self.thresholds.lasts(latest)

    def _searched_for(self, one: Candidate) -> int:
        """Return the issues that the search finds: wildcards also find issues that they were not derived from."""
        found = -1
        for condition in one.conditions:
            if condition not in self._searched:
                self._searched[condition] = self._search(condition)
            found &= self._searched[condition]
        return found

    def _search(self, condition: CandidateTerm) -> int:
        known: dict[str | None, bool] = {None: False}

        def matches(value: str | None) -> bool:
            if value not in known:
                known[value] = value is not None and condition.matches(value)
            return known[value]

        return bits_of(matches(issue.features.get(condition.key)) for issue in self.past)

    def _proposal(self, one: Candidate, target: TrainingTarget) -> Suggestion:
        wrong = one.found & self.ground.judged[target.kind] & ~self.ground.chosen[target]
        return Suggestion(
            one.conditions,
            target,
            one.found.bit_count(),
            self.ground.agreement(one.found, target),
            self.ground.agreement(one.found & ~self.ground.learned, target),
            tuple(self.past[place].issue_id for place in _first_places(wrong, _LISTED_AGAINST)),
        )


def _first_places(bits: int, count: int) -> list[int]:
    """Return the newest members of a set."""
    found: list[int] = []
    while bits and len(found) < count:
        place = bits.bit_length() - 1
        found.append(place)
        bits ^= 1 << place
    return found
