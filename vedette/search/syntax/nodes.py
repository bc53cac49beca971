"""Defines the syntax tree of searches: terms, and their conjunctions and disjunctions.

A tree prints itself in a canonical form, which is parsed to an equal tree.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

from vedette.search.facts.facts import Facts
from vedette.search.matching.conditions import Condition
from vedette.search.matching.explanation import Explanation
from vedette.search.matching.truth import FALSE, TRUE, UNKNOWN, Verdict

if TYPE_CHECKING:
    from vedette.search.syntax.mentions import Mention


class Node(Protocol):
    """A part of a search."""

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the part on facts."""
        ...

    def unknowns(self, facts: Facts, /) -> frozenset[str]:
        """Return lookup names of the unknown keys that a verdict depends on; empty if there is one."""
        ...

    def explain(self, facts: Facts, /) -> Explanation:
        """Explain this part and all parts below."""
        ...

    @property
    def mentions(self) -> "tuple[Mention, ...]":
        """The names in this part and all parts below, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Term:
    """`key:value`, or free text where the key is empty.

    Attributes:
        key: The key as written; terms with different spellings of a key are not equal.
        value: The value in canonical form, with its operator.
        negated: Whether there is a `!`.
        condition: The condition without the negation; not compared, since it follows from the others.
        mentions: The names in the value; not compared, since their positions follow the spelling.
    """

    key: str
    value: str
    negated: bool
    condition: Condition = field(repr=False, compare=False)
    mentions: "tuple[Mention, ...]" = field(default=(), repr=False, compare=False)

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the part on facts."""
        found = self.condition.verdict(facts)
        return ~found if self.negated else found

    def unknowns(self, facts: Facts, /) -> frozenset[str]:
        """Return the unknown keys, if the verdict depends on them."""
        if self.verdict(facts) is not UNKNOWN:
            return frozenset()
        missing = frozenset(key for key in self.condition.keys if not facts.get(key).complete)
        # A person can be known by another kind of name than the searched one.
        return missing or frozenset(self.condition.keys)

    def explain(self, facts: Facts, /) -> Explanation:
        """Explain the verdict with the facts."""
        seen = {key: facts.get(key) for key in self.condition.keys}
        return Explanation(str(self), self.verdict(facts), seen)

    def __str__(self) -> str:
        return f"{'!' if self.negated else ''}{self.key}{':' if self.key else ''}{self.value}"


@dataclass(frozen=True, slots=True)
class _Join:
    parts: tuple[Node, ...]
    operator: ClassVar[str]

    def verdict(self, facts: Facts, /) -> Verdict:
        raise NotImplementedError

    def unknowns(self, facts: Facts, /) -> frozenset[str]:
        """Return the unknown keys of all parts, if the verdict depends on them."""
        if self.verdict(facts) is not UNKNOWN:
            return frozenset()
        return frozenset[str]().union(*(part.unknowns(facts) for part in self.parts))

    def explain(self, facts: Facts, /) -> Explanation:
        """Explain all parts, including those that the verdict does not depend on."""
        return Explanation(self.operator, self.verdict(facts), parts=tuple(part.explain(facts) for part in self.parts))

    @property
    def mentions(self) -> "tuple[Mention, ...]":
        """The names in all parts."""
        return tuple(mention for part in self.parts for mention in part.mentions)


@dataclass(frozen=True, slots=True)
class And(_Join):
    """A conjunction. It is true without parts: the empty search finds everything."""

    operator: ClassVar[str] = "AND"

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the parts up to the first that is false."""
        found = TRUE
        for part in self.parts:
            one = part.verdict(facts)
            if one is FALSE:
                return FALSE
            if one is UNKNOWN:
                found = UNKNOWN
        return found

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or(_Join):
    """A disjunction."""

    operator: ClassVar[str] = "OR"

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the parts up to the first that is true."""
        found = FALSE
        for part in self.parts:
            one = part.verdict(facts)
            if one is TRUE:
                return TRUE
            if one is UNKNOWN:
                found = UNKNOWN
        return found

    def __str__(self) -> str:
        return " OR ".join(str(part) for part in self.parts)


def all_of(parts: list[Node]) -> Node:
    """Join parts by AND, without nested conjunctions."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def one_of(parts: list[Node]) -> Node:
    """Join parts by OR, without nested disjunctions."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))
