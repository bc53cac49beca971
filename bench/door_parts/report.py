"""What the door's benchmarks print: lines for people, or one JSON object a line for programs."""

import json
import math


class Report:
    """Prints results as they come."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self.failed = False

    def say(self, text: str) -> None:
        """Print a line for people."""
        if not self._as_json:
            print(text, flush=True)

    def result(self, name: str, ours: float, other: float, unit: str) -> None:
        """Print one figure of ours beside what it is held against."""
        ratio = ours / other if other and not math.isnan(ours) else math.nan
        if self._as_json:
            values = {
                "name": name,
                "ours": _number(ours),
                "other": _number(other),
                "ratio": _number(ratio),
                "unit": unit,
            }
            print(json.dumps(values), flush=True)
        else:
            print(f"  {name:<58} {ours:>10.2f} {other:>10.2f} {ratio:>7.2f}  {unit}", flush=True)

    def must(self, name: str, found: int, wanted: int, unit: str) -> None:
        """Print a figure that must be what it should."""
        self.result(name, found, wanted, unit)
        self.failed = self.failed or found != wanted


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)
