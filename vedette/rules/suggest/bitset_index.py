"""Indexes issues by conditions, as bitsets: a hundred thousand issues take 12 KB, and an intersection is one operation.

The past is read twice: conditions are counted first, and only the frequent ones are indexed, so that neither memory nor
time grows with the number of different titles.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vedette.rules.suggest.candidate_terms import CandidateTerm, conditions_of
from vedette.rules.suggest.labelled_issue import LabelledIssue

_MOST_COUNTED: Final = 150_000
_MOST_KEPT: Final = 3_000


@dataclass(frozen=True, slots=True)
class BitsetIndex:
    """An index of issues, in order of time.

    Attributes:
        size: The number of issues.
        sets: The issues of each condition; bit 0 is the oldest issue.
    """

    size: int
    sets: Mapping[CandidateTerm, int]


def make_index(past: Sequence[LabelledIssue], least: int) -> BitsetIndex:
    """Index the conditions that at least `least` decided issues share."""
    kept = _frequent((one for one in past if one.choices), least)
    sets = {condition: bytearray((len(past) + 7) // 8) for condition in kept}
    for place, issue in enumerate(past):
        for condition in conditions_of(issue.features):
            bits = sets.get(condition)
            if bits is not None:
                bits[place >> 3] |= 1 << (place & 7)
    return BitsetIndex(len(past), {condition: int.from_bytes(bits, "little") for condition, bits in sets.items()})


def bits_of(flags: Iterable[bool]) -> int:
    """Return the bitset of the positions with a flag."""
    text = "".join("1" if flag else "0" for flag in flags)
    # Python parses a number in a base that is a power of two in linear time.
    return int(text[::-1], 2) if text else 0


def _frequent(decided: Iterable[LabelledIssue], least: int) -> list[CandidateTerm]:
    counts: Counter[CandidateTerm] = Counter()
    rare = 1
    for issue in decided:
        counts.update(conditions_of(issue.features))
        while len(counts) > _MOST_COUNTED:
            # Rare conditions are dropped. A frequent one loses a few counts at most, and is added again.
            counts = Counter({condition: count for condition, count in counts.items() if count > rare})
            rare += 1
    # Counts may be too low by the dropped ones; the sets are exact.
    enough = [(condition, count) for condition, count in counts.items() if count >= max(2, least - rare + 1)]
    enough.sort(key=lambda pair: (-pair[1], pair[0].key, pair[0].pattern))
    return [condition for condition, _ in enough[:_MOST_KEPT]]
