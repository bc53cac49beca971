"""Conditions made of others: a list of values, and states of an issue that are two properties at once."""

from dataclasses import dataclass

from vedette.search.facts.facts import Facts
from vedette.search.matching.conditions import Condition
from vedette.search.matching.truth import FALSE, TRUE, Verdict


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of several conditions holds."""

    conditions: tuple[Condition, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Those of all conditions, each once."""
        return tuple(dict.fromkeys(key for condition in self.conditions for key in condition.keys))

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say."""
        found = FALSE
        for condition in self.conditions:
            found |= condition.verdict(facts)
            if found is TRUE:
                break
        return found


@dataclass(frozen=True, slots=True)
class Both:
    """Two conditions hold."""

    first: Condition
    second: Condition

    @property
    def keys(self) -> tuple[str, ...]:
        """Those of both."""
        return self.first.keys + self.second.keys

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say."""
        return self.first.verdict(facts) & self.second.verdict(facts)


def any_of(conditions: list[Condition]) -> Condition:
    """The condition that one of these holds."""
    return conditions[0] if len(conditions) == 1 else AnyOf(tuple(conditions))
