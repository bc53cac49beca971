"""Finds conditions, single or in pairs, with issues that people treated alike.

Of several conditions that find the same issues, only the one that a person would write is used.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from vedette.rules.suggest.candidate_terms import CandidateTerm
from vedette.rules.suggest.labelled_issue import DISMISSALS
from vedette.rules.suggest.thresholds import Thresholds
from vedette.rules.suggest.train_test_split import TrainingTarget, TrainTestSplit

_MOST_PAIRED: Final = 60
_WHERE: Final = ("project", "location", "error.type", "title", "culprit")
_WHAT: Final = ("title", "location", "culprit", "project", "error.type")
_BROAD: Final = ("logger", "issue.category", "issue.type", "level", "platform")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conjunction of conditions, and the issues that it finds."""

    conditions: tuple[CandidateTerm, ...]
    found: int

    @property
    def when(self) -> str:
        """The conditions as a search."""
        return " ".join(condition.text for condition in self.conditions)


def keep_distinct(sets: Mapping[CandidateTerm, int], *, dismissing: bool) -> dict[CandidateTerm, int]:
    """Return one condition for each set of issues: by message for dismissed issues, by location for others."""
    best: dict[int, tuple[tuple[int, int, str], CandidateTerm]] = {}
    for condition, found in sets.items():
        rank = _rank(condition, dismissing=dismissing)
        known = best.get(found)
        if known is None or rank < known[0]:
            best[found] = rank, condition
    return {condition: found for found, (_, condition) in best.items()}


def is_careful(one: Candidate, target: TrainingTarget) -> bool:
    """Return whether the conditions are specific enough for their target.

    "All warnings are archived" may have been true so far, but would archive the first important one; issues are only
    dismissed by message or location.
    """
    return target.kind not in DISMISSALS or any(condition.key in _WHAT[:4] for condition in one.conditions)


def find_candidates(
    sets: Mapping[CandidateTerm, int], ground: TrainTestSplit, target: TrainingTarget, thresholds: Thresholds
) -> list[Candidate]:
    """Find the conditions that can become a rule for a target, by the training set, without those due to chance."""
    everything = ground.agreement(ground.learned, target)
    found: list[Candidate] = []
    open_ones: list[tuple[float, Candidate]] = []
    for condition, issues in sets.items():
        one = Candidate((condition,), issues)
        figures = ground.agreement(issues & ground.learned, target)
        if figures.agreed < _least(thresholds):
            continue
        if figures.share >= thresholds.agreement:
            found.append(one)
        elif figures.share > everything.share:
            open_ones.append((figures.log_chance(everything.share), one))
    open_ones.sort(key=lambda pair: (pair[0], _rank(pair[1].conditions[0])))
    found += _pairs([one for _, one in open_ones[:_MOST_PAIRED]], ground, target, thresholds)
    tried = len(sets) + _MOST_PAIRED**2 // 2
    return [
        one
        for one in found
        if is_careful(one, target)
        and thresholds.is_no_luck(ground.agreement(one.found & ground.learned, target), everything.share, tried)
    ]


def _pairs(
    singles: list[Candidate], ground: TrainTestSplit, target: TrainingTarget, thresholds: Thresholds
) -> Iterator[Candidate]:
    seen = {one.found for one in singles}
    for one, other in combinations(singles, 2):
        if one.conditions[0].key == other.conditions[0].key:
            continue
        issues = one.found & other.found
        if issues in seen:
            continue
        figures = ground.agreement(issues & ground.learned, target)
        if figures.agreed >= _least(thresholds) and figures.share >= thresholds.agreement:
            seen.add(issues)
            yield Candidate(tuple(sorted((*one.conditions, *other.conditions), key=_rank)), issues)


def _least(thresholds: Thresholds) -> int:
    """Return the support that the training set must have; the whole past must have all of it."""
    return max(3, thresholds.support // 2)


def _rank(condition: CandidateTerm, *, dismissing: bool = False) -> tuple[int, int, str]:
    """Rank conditions, the best first: by key, by the outermost folder, and by the longest part of a message."""
    order = (*(_WHAT if dismissing else _WHERE), *_BROAD)
    length = sum(map(len, condition.pattern))
    return order.index(condition.key), -length if condition.key == "title" else length, condition.text
