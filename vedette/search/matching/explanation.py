"""Explains the result of a search: each part with its verdict and its facts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vedette.search.facts.answers import Answer, Scalar
from vedette.search.keys import Kind, find_key
from vedette.search.matching.truth import Verdict
from vedette.search.matching.wildcards import text_of

_MARKS = {Verdict.TRUE: "yes", Verdict.FALSE: "no ", Verdict.UNKNOWN: "?  "}
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Explanation:
    """One part of a search, and the parts it is made of.

    Attributes:
        text: The text of the part; `AND` or `OR` for a part that joins others.
        verdict: what the facts say about it.
        seen: what the facts had for the keys that a term looks at. May hold people's data, so it is not in the repr.
        parts: The joined parts; empty for a term.
    """

    text: str
    verdict: Verdict
    seen: dict[str, Answer] = field(default_factory=dict[str, Answer], repr=False)
    parts: tuple["Explanation", ...] = ()

    def terms(self) -> Iterator["Explanation"]:
        """All terms below, in the order of the search."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.terms()

    def lines(self, indent: str = "") -> Iterator[str]:
        """Return the tree for people, one line a part: `no  level:fatal (level is error)`."""
        seen = ", ".join(f"{key} {_shown(key, answer)}" for key, answer in self.seen.items())
        yield f"{indent}{_MARKS[self.verdict]} {self.text}" + (f" ({seen})" if seen else "")
        for part in self.parts:
            yield from part.lines(indent + "    ")

    def __str__(self) -> str:
        return "\n".join(self.lines())


def _shown(key: str, answer: Answer) -> str:
    if not answer.values:
        return "is absent" if answer.complete else "is not known"
    is_date = find_key(key).kind is Kind.DATE
    values = ", ".join(_date(value) if is_date else text_of(value) for value in answer.values)
    shown = values if len(values) <= _LONGEST else values[:_LONGEST] + "…"
    return f"is {shown}" if answer.complete else f"is {shown}, maybe more"


def _date(value: Scalar) -> str:
    if isinstance(value, str):
        return value
    try:
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):  # beyond the calendar
        return text_of(value)
