"""The past as a judge sees it: who chose what, and which part of it is kept back to test on.

Kept back are the latest issues, not a random share: what a rule will meet is the future.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from vedette.rules.suggest.bitset_index import bits_of
from vedette.rules.suggest.confidence import AgreementInterval
from vedette.rules.suggest.labelled_issue import KINDS, Kind, LabelledIssue

_LEARNED: Final = 0.75
"""The share of the decided issues, the oldest, that rules are learned from."""


class TrainingTarget(NamedTuple):
    """A choice that a rule could make."""

    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class TrainTestSplit:
    """Sets of issues, as in the index."""

    learned: int
    judged: dict[Kind, int]
    chosen: dict[TrainingTarget, int]

    def agreement(self, matched: int, target: TrainingTarget) -> AgreementInterval:
        """What people did with the issues of a set."""
        return AgreementInterval(
            (matched & self.chosen[target]).bit_count(), (matched & self.judged[target.kind]).bit_count()
        )


def ground_of(past: Sequence[LabelledIssue]) -> TrainTestSplit:
    """Sort the choices of a past that is in order of time."""
    places: dict[TrainingTarget, list[int]] = {}
    for place, issue in enumerate(past):
        for kind, value in issue.choices.items():
            places.setdefault(TrainingTarget(kind, value), []).append(place)
    return TrainTestSplit(
        learned=_learned(past),
        judged={kind: bits_of(_tells(issue, kind) for issue in past) for kind in KINDS},
        chosen={target: _set_of(found, len(past)) for target, found in places.items()},
    )


def _tells(issue: LabelledIssue, kind: Kind) -> bool:
    """Whether the issue speaks for or against a choice of that kind.

    Whoever archived an issue did not say to whom it belongs. But whoever assigned it looked at it, and did not
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
