"""How far figures from a few cases can be believed.

Mining looks at thousands of conditions, and among so many some agree with people by chance alone. So the agreement
counts by the lower end of Wilson's interval, and must be unlikely to arise by luck from what people do anyway.
"""

import math
from dataclasses import dataclass
from typing import Final

_Z: Final = 1.96  # 95 of 100 intervals hold the truth


@dataclass(frozen=True, slots=True)
class AgreementInterval:
    """How often people chose what a rule would have chosen.

    Attributes:
        agreed: issues where they did.
        judged: issues where they chose anything that tells.
    """

    agreed: int
    judged: int

    @property
    def share(self) -> float:
        """From 0 to 1; 0 where nothing was judged."""
        return self.agreed / self.judged if self.judged else 0.0

    @property
    def low(self) -> float:
        """The lower end of Wilson's interval."""
        return self._ends()[0]

    @property
    def high(self) -> float:
        """The upper end of Wilson's interval."""
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
        """The logarithm of a bound on the chance of so much agreement if people agreed in `base` of all cases.

        Chernoff's bound: never too small, and as cheap as the mining needs it.
        """
        if self.share <= base or not self.judged:
            return 0.0
        if base <= 0:
            return -math.inf
        p = self.share
        apart = p * math.log(p / base) + ((1 - p) * math.log((1 - p) / (1 - base)) if p < 1 else 0.0)
        return -self.judged * apart
