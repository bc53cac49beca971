"""The parts of a search: terms, and what joins them.

They print themselves in one canonical form, which reads back to the same parts.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from vedette.search.facts.facts import Facts
from vedette.search.matching.conditions import Condition
from vedette.search.matching.explanation import Explanation
from vedette.search.matching.truth import FALSE, TRUE, UNKNOWN, Verdict

if TYPE_CHECKING:
    from vedette.search.syntax.mentions import Mention


class Node(Protocol):
    """A part of a search."""

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say."""
        ...

    def unknowns(self, facts: Facts, /) -> frozenset[str]:
        """Lookup names of what would have to be known for a verdict; empty when there is one."""
        ...

    def explain(self, facts: Facts, /) -> Explanation:
        """The verdict of this part and of all below."""
        ...

    @property
    def mentions(self) -> "tuple[Mention, ...]":
        """What it and all below name in Sentry, in the order in which it is written."""
        ...


@dataclass(frozen=True, slots=True)
class Term:
    """`key:value`, or free text where the key is empty.

    Attributes:
        key: as it was written; terms that differ in the spelling of a key are different, though they ask the same.
        value: in canonical form, with its operator.
        negated: whether there was a `!`.
        condition: what it asks, without the negation. Follows from the others, so it is not compared.
        mentions: what it names in Sentry. Its places follow the spelling, so it is not compared.
    """

    key: str
    value: str
    negated: bool
    condition: Condition = field(repr=False, compare=False)
    mentions: "tuple[Mention, ...]" = field(default=(), repr=False, compare=False)

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say."""
        found = self.condition.verdict(facts)
        return ~found if self.negated else found

    def unknowns(self, facts: Facts, /) -> frozenset[str]:
        """What it looks at and is not known, when that leaves it open."""
        if self.verdict(facts) is not UNKNOWN:
            return frozenset()
        missing = frozenset(key for key in self.condition.keys if not facts.get(key).complete)
        # A person can be known by another kind of name than the one that is searched for.
        return missing or frozenset(self.condition.keys)

    def explain(self, facts: Facts, /) -> Explanation:
        """Its verdict, and what was seen."""
        seen = {key: facts.get(key) for key in self.condition.keys}
        return Explanation(str(self), self.verdict(facts), seen)

    def __str__(self) -> str:
        return f"{'!' if self.negated else ''}{self.key}{':' if self.key else ''}{self.value}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold. Without parts it holds always: the empty search finds everything."""

    parts: tuple[Node, ...]

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say; the first part that fails settles it."""
        found = TRUE
        for part in self.parts:
            one = part.verdict(facts)
            if one is FALSE:
                return FALSE
            if one is UNKNOWN:
                found = UNKNOWN
        return found

    def unknowns(self, facts: Facts, /) -> frozenset[str]:
        """Those of the parts that are open."""
        return _unknowns(self, self.parts, facts)

    def explain(self, facts: Facts, /) -> Explanation:
        """All parts, also those that no longer mattered."""
        return Explanation("AND", self.verdict(facts), parts=tuple(part.explain(facts) for part in self.parts))

    @property
    def mentions(self) -> "tuple[Mention, ...]":
        """Those of the parts."""
        return tuple(mention for part in self.parts for mention in part.mentions)

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Node, ...]

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say; the first part that holds settles it."""
        found = FALSE
        for part in self.parts:
            one = part.verdict(facts)
            if one is TRUE:
                return TRUE
            if one is UNKNOWN:
                found = UNKNOWN
        return found

    def unknowns(self, facts: Facts, /) -> frozenset[str]:
        """Those of the parts that are open."""
        return _unknowns(self, self.parts, facts)

    def explain(self, facts: Facts, /) -> Explanation:
        """All parts, also those that no longer mattered."""
        return Explanation("OR", self.verdict(facts), parts=tuple(part.explain(facts) for part in self.parts))

    @property
    def mentions(self) -> "tuple[Mention, ...]":
        """Those of the parts."""
        return tuple(mention for part in self.parts for mention in part.mentions)

    def __str__(self) -> str:
        return " OR ".join(str(part) for part in self.parts)


def _unknowns(node: Node, parts: tuple[Node, ...], facts: Facts) -> frozenset[str]:
    if node.verdict(facts) is not UNKNOWN:
        return frozenset()
    return frozenset[str]().union(*(part.unknowns(facts) for part in parts))


def all_of(parts: list[Node]) -> Node:
    """The parts joined by AND, with what they join themselves taken in."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def one_of(parts: list[Node]) -> Node:
    """The parts joined by OR, with what they join themselves taken in."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))
