"""What a proposal must show, in one place."""

import math
from dataclasses import dataclass
from typing import Final

from vedette.rules.suggest.confidence import AgreementInterval

_LUCK: Final = 0.01
"""The chance that any of all the conditions looked at agrees so well by luck."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a rule is worth proposing.

    Attributes:
        support: on how many issues people must have chosen just that.
        agreement: in what share of the issues that the rule would have touched, from 0 to 1.
        slack: how far the lower end of the interval may lie below `agreement`.
        judged: in what share of the issues that it finds people must have decided at all. A rule that finds a hundred
            issues of which people looked at three says nothing about the rest.
        latest: how many of the most recent issues must be among them, so that a habit which ended is not proposed.
    """

    support: int = 10
    agreement: float = 0.9
    slack: float = 0.2
    judged: float = 0.5
    latest: int = 2

    def holds(self, figures: AgreementInterval, matched: int) -> bool:
        """Whether the figures alone carry the rule."""
        return (
            figures.agreed >= self.support
            and figures.share >= self.agreement
            and figures.low >= self.agreement - self.slack
            and figures.judged >= matched * self.judged
        )

    def lasts(self, latest: AgreementInterval) -> bool:
        """Whether it still held in the part of the past that it was not learned from."""
        return latest.agreed >= self.latest and latest.high >= self.agreement and latest.share >= self.agreement - 0.15

    def is_no_luck(self, figures: AgreementInterval, base: float, tried: int) -> bool:
        """Whether so much agreement is hardly luck, though `tried` conditions were looked at."""
        return figures.log_chance(base) + math.log(max(1, tried)) <= math.log(_LUCK)
