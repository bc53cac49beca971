"""Says how busy the machine is, so that a figure that a busy machine spoilt is not taken for a result.

A calibration loop does the same work again and again: if it takes longer at the end than at the beginning, or if other
programs use the processor, a figure says little.
"""

import os
import time
from dataclasses import dataclass

_LARGEST_LOAD = 0.35
"""The load average of one minute, for each core, before the run."""
_LARGEST_DRIFT = 1.25
"""The calibration loop's slowest time by its quickest one."""


@dataclass(frozen=True)
class Machine:
    """The state of the machine before the run."""

    cores: int
    load: float
    calibration: float
    """Milliseconds that the calibration loop takes at its quickest."""

    def describe(self) -> str:
        """Return a line for the report."""
        return (
            f"{self.cores} cores, load average {self.load:.2f} before the run, "
            f"calibration loop {self.calibration:.2f} ms"
        )

    def problem(self) -> str:
        """Return why figures of this run cannot be judged; empty where they can."""
        if self.load > self.cores * _LARGEST_LOAD:
            return f"the load average was {self.load:.2f} before the run, on {self.cores} cores"
        drift = calibrate() / self.calibration
        if drift > _LARGEST_DRIFT:
            return f"the calibration loop took {drift:.2f} times as long after the run as before"
        return ""


def look() -> Machine:
    """Look at the machine."""
    return Machine(os.cpu_count() or 1, os.getloadavg()[0], calibrate())


def calibrate() -> float:
    """Return the milliseconds of a fixed piece of work: the median of nine times."""
    return sorted(_once() for _ in range(9))[4]


def _once() -> float:
    began, total = time.perf_counter(), 0
    for number in range(200_000):
        total += number * number % 7
    return (time.perf_counter() - began) * 1000
