"""Defines the thresholds of suggestions."""

import math
from dataclasses import dataclass
from typing import Final

from vedette.rules.suggest.confidence import AgreementInterval

_LUCK: Final = 0.01
"""The accepted chance that any of all compared conditions agrees by luck."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The requirements for a suggestion.

    Attributes:
        support: The least number of issues with this choice.
        agreement: The least share of this choice among the comparable ones, from 0 to 1.
        slack: The largest distance of the lower bound of the interval from `agreement`.
        judged: The least share of comparable choices among the issues that the rule finds. Three choices on a hundred
            issues are no evidence for the others.
        latest: The least number of issues in the test set, so that a former habit is not suggested.
    """

    support: int = 10
    agreement: float = 0.9
    slack: float = 0.2
    judged: float = 0.5
    latest: int = 2

    def holds(self, figures: AgreementInterval, matched: int) -> bool:
        """Return whether the figures meet the requirements."""
        return (
            figures.agreed >= self.support
            and figures.share >= self.agreement
            and figures.low >= self.agreement - self.slack
            and figures.judged >= matched * self.judged
        )

    def lasts(self, latest: AgreementInterval) -> bool:
        """Return whether the figures of the test set meet the requirements."""
        return latest.agreed >= self.latest and latest.high >= self.agreement and latest.share >= self.agreement - 0.15

    def is_no_luck(self, figures: AgreementInterval, base: float, tried: int) -> bool:
        """Return whether the agreement is unlikely to be luck, though `tried` conditions were compared."""
        return figures.log_chance(base) + math.log(max(1, tried)) <= math.log(_LUCK)
