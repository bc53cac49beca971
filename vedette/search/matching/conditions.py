"""Defines the conditions of terms, which are evaluated on facts.

A condition is true if any value of its key matches. If none does, it is false only if all values are known.
"""

from dataclasses import dataclass
from typing import Protocol

from vedette.search.facts.facts import Facts
from vedette.search.matching.dates import moment_of
from vedette.search.matching.truth import FALSE, TRUE, UNKNOWN, Verdict
from vedette.search.matching.wildcards import Exactly, Test
from vedette.search.syntax.operators import COMPARISONS


class Condition(Protocol):
    """The condition of a term, without its negation."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Lookup names of the keys that it depends on."""
        ...

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the condition on facts."""
        ...


class _OneKey:
    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key

    @property
    def keys(self) -> tuple[str, ...]:
        """The key."""
        return (self.key,)


class Match(_OneKey):
    """A value of the key passes a test."""

    __slots__ = ("_matches",)

    def __init__(self, key: str, test: Test) -> None:
        super().__init__(key)
        self._matches = test.matches

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the condition on facts."""
        values, complete = facts.get(self.key)
        for value in values:
            if self._matches(value):
                return TRUE
        return FALSE if complete else UNKNOWN


class Present(_OneKey):
    """The key has a value."""

    __slots__ = ()

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the condition on facts."""
        values, complete = facts.get(self.key)
        if values:
            return TRUE
        return FALSE if complete else UNKNOWN


class Missing(_OneKey):
    """The key has no value."""

    __slots__ = ()

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the condition on facts."""
        values, complete = facts.get(self.key)
        if values:
            return FALSE
        return TRUE if complete else UNKNOWN


class Ago(_OneKey):
    """A time is before or after another one, which is given in seconds before now."""

    __slots__ = ("_compare", "_seconds")

    def __init__(self, key: str, spelling: str, seconds: float) -> None:
        super().__init__(key)
        self._compare = COMPARISONS[spelling]
        self._seconds = seconds

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the condition on facts."""
        values, complete = facts.get(self.key)
        then = facts.now() - self._seconds
        for value in values:
            moment = moment_of(value)
            if moment is not None and self._compare(moment, then):
                return TRUE
        return FALSE if complete else UNKNOWN


class Latest(_OneKey):
    """The release is the latest of the project, which is only known from the releases of the project."""

    __slots__ = ()
    LATEST = "release.latest"

    @property
    def keys(self) -> tuple[str, ...]:
        """The release, and the latest one."""
        return (self.key, self.LATEST)

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the condition on facts."""
        names, complete = facts.get(self.LATEST)
        found = FALSE if complete else UNKNOWN
        for name in names:
            found |= Match(self.key, Exactly(str(name))).verdict(facts)
        return found


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of several conditions is true."""

    conditions: tuple[Condition, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all conditions, each once."""
        return tuple(dict.fromkeys(key for condition in self.conditions for key in condition.keys))

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the condition on facts."""
        found = FALSE
        for condition in self.conditions:
            found |= condition.verdict(facts)
            if found is TRUE:
                break
        return found


@dataclass(frozen=True, slots=True)
class Both:
    """Two conditions are true."""

    first: Condition
    second: Condition

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of both conditions."""
        return self.first.keys + self.second.keys

    def verdict(self, facts: Facts, /) -> Verdict:
        """Evaluate the condition on facts."""
        return self.first.verdict(facts) & self.second.verdict(facts)


def any_of(conditions: list[Condition]) -> Condition:
    """Return the condition that one of these is true."""
    return conditions[0] if len(conditions) == 1 else AnyOf(tuple(conditions))
