"""Computes confidence intervals for figures from few cases.

The miner compares thousands of conditions, and some of them agree with people by chance. So the lower bound of Wilson's
interval is used, and the agreement must be unlikely to arise by chance from the usual actions of people.
"""

import math
from dataclasses import dataclass
from typing import Final

_Z: Final = 1.96  # for a confidence of 95 %


@dataclass(frozen=True, slots=True)
class AgreementInterval:
    """The agreement of people with a rule.

    Attributes:
        agreed: The number of issues with the same choice.
        judged: The number of issues with a comparable choice.
    """

    agreed: int
    judged: int

    @property
    def share(self) -> float:
        """The agreement, from 0 to 1; 0 without comparable choices."""
        return self.agreed / self.judged if self.judged else 0.0

    @property
    def low(self) -> float:
        """The lower bound of Wilson's interval."""
        return self._ends()[0]

    @property
    def high(self) -> float:
        """The upper bound of Wilson's interval."""
        return self._ends()[1]

    def _ends(self) -> tuple[float, float]:
        if not self.judged:
            return 0.0, 1.0
        n, p = self.judged, self.share
        middle = p + _Z * _Z / (2 * n)
        half = _Z * math.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))
        whole = 1 + _Z * _Z / n
        return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)

    def log_chance(self, base: float) -> float:
        """Return the logarithm of an upper bound for the chance of this agreement, given `base` in all cases.

        This is Chernoff's bound: never too small, and cheap to compute.
        """
        if self.share <= base or not self.judged:
            return 0.0
        if base <= 0:
            return -math.inf
        p = self.share
        apart = p * math.log(p / base) + ((1 - p) * math.log((1 - p) / (1 - base)) if p < 1 else 0.0)
        return -self.judged * apart
