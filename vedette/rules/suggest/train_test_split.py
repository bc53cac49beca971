"""Splits the past into a training set and a test set.

The test set has the latest issues, not random ones, since rules will be applied to future ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from vedette.rules.suggest.bitset_index import bits_of
from vedette.rules.suggest.confidence import AgreementInterval
from vedette.rules.suggest.labelled_issue import KINDS, Kind, LabelledIssue

_LEARNED: Final = 0.75
"""The share of the training set, which has the oldest decided issues."""


class TrainingTarget(NamedTuple):
    """A choice that a rule can make."""

    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class TrainTestSplit:
    """Bitsets of issues, with the positions of the index."""

    learned: int
    judged: dict[Kind, int]
    chosen: dict[TrainingTarget, int]

    def agreement(self, matched: int, target: TrainingTarget) -> AgreementInterval:
        """Return the agreement of people with a target, on a set of issues."""
        return AgreementInterval(
            (matched & self.chosen[target]).bit_count(), (matched & self.judged[target.kind]).bit_count()
        )


def split_past(past: Sequence[LabelledIssue]) -> TrainTestSplit:
    """Split a past that is in order of time."""
    places: dict[TrainingTarget, list[int]] = {}
    for place, issue in enumerate(past):
        for kind, value in issue.choices.items():
            places.setdefault(TrainingTarget(kind, value), []).append(place)
    return TrainTestSplit(
        learned=_learned(past),
        judged={kind: bits_of(_is_evidence(issue, kind) for issue in past) for kind in KINDS},
        chosen={target: _set_of(found, len(past)) for target, found in places.items()},
    )


def _is_evidence(issue: LabelledIssue, kind: Kind) -> bool:
    """Return whether the issue is evidence for or against a choice of a kind.

    Archiving an issue is no evidence about its assignee. But a person who assigned an issue has seen it, and did not
    archive it.
    """
    return kind in issue.choices or (issue.touched and kind != "assign")


def _learned(past: Sequence[LabelledIssue]) -> int:
    decided = [place for place, issue in enumerate(past) if issue.choices]
    if not decided:
        return 0
    return (1 << (decided[int((len(decided) - 1) * _LEARNED)] + 1)) - 1


def _set_of(places: list[int], size: int) -> int:
    bits = bytearray((size + 7) // 8)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")
