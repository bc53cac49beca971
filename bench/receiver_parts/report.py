"""Prints the results of the receiver's benchmarks as text or JSON lines, and their progress."""

import json
import math
import sys

_BAR = 30


class Report:
    """Prints results as they come."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._shows_progress = sys.stderr.isatty()
        self._planned = 0.0
        self._passed = 0.0
        self.failed = False

    def plan(self, seconds: float) -> None:
        """Say how long the run will take, for the progress bar."""
        self._planned = seconds

    def step(self, seconds: float, what: str) -> None:
        """Move the progress bar, where there is a terminal, before something that takes `seconds`."""
        if self._shows_progress and self._planned:
            share = min(1.0, self._passed / self._planned)
            left = max(0.0, self._planned - self._passed)
            bar = "#" * int(share * _BAR)
            print(f"\r\x1b[K[{bar:<{_BAR}}] {left:4.0f} s left  {what}", end="", file=sys.stderr, flush=True)
        self._passed += seconds

    def say(self, text: str) -> None:
        """Print a line for people."""
        if not self._as_json:
            self._print(text)

    def result(self, name: str, ours: float, other: float, unit: str, *, ratio: float | None = None) -> None:
        """Print one figure of ours beside the reference, and their ratio unless one is given."""
        if ratio is None:
            ratio = ours / other if other and not math.isnan(ours) else math.nan
        if self._as_json:
            values = {
                "name": name,
                "ours": _number(ours),
                "other": _number(other),
                "ratio": _number(ratio),
                "unit": unit,
            }
            self._print(json.dumps(values))
        else:
            self._print(f"  {name:<58} {ours:>10.2f} {other:>10.2f} {ratio:>7.2f}  {unit}")

    def _print(self, text: str) -> None:
        if self._shows_progress and self._planned:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        print(text, flush=True)

    def at_most(self, name: str, found: float, most: float, unit: str) -> None:
        """Print a figure that is to be no larger than a bound."""
        self.result(name, found, most, unit)
        self.failed = self.failed or not found <= most

    def at_least(self, name: str, found: float, least: float, unit: str) -> None:
        """Print a figure that is to be no smaller than a bound."""
        self.result(name, found, least, unit)
        self.failed = self.failed or not found >= least

    def must(self, name: str, found: int, wanted: int, unit: str) -> None:
        """Print a figure that has to equal the wanted one."""
        self.result(name, found, wanted, unit)
        self.failed = self.failed or found != wanted


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)
