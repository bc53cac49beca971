"""The structured record of an attempt, beside its notes: results of its writes, and the rules that matched."""

from dataclasses import dataclass, field
from typing import Final

from vedette._core.printable import printable

_ORDER: Final = ("acted", "proposed", "observed", "denied")
"""The result of several writes is the first of these."""
_HELD: Final = {"paused": "denied"}
_LONGEST: Final = 300
"""Characters of the reasons that are kept."""


@dataclass
class RunRecord:
    """The part of an attempt that programs read; the notes are for people."""

    results: set[str] = field(default_factory=set[str])
    """Results of its writes: `acted`, `proposed`, `observed`, `denied`."""
    rules: list[str] = field(default_factory=list[str])
    """The rules that matched, in order."""
    reasons: str = ""
    """Why rules did not match, in short."""

    @property
    def effect(self) -> str:
        """`acted`, `proposed`, `observed`, `denied` or `nothing`."""
        return next((result for result in _ORDER if result in self.results), "nothing")

    def note_result(self, result: str) -> None:
        """Note what became of a write: a result, or the decision by which it was held back."""
        self.results.add(_HELD.get(result, result))

    def note_rule(self, rule: str) -> None:
        """Note a rule that matched."""
        if rule not in self.rules:
            self.rules.append(rule)

    def note_reasons(self, reasons: str) -> None:
        """Note why rules did not match; what is longer than is kept can be computed again."""
        text = printable(reasons)
        self.reasons = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
