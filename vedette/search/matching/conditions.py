"""What a term asks of the facts, compiled once when the search is read.

A condition holds when any value of its key matches. When none does, it fails only if all values are known.
"""

from typing import Protocol

from vedette.search.facts.facts import Facts
from vedette.search.matching.dates import moment_of
from vedette.search.matching.truth import FALSE, TRUE, UNKNOWN, Verdict
from vedette.search.matching.wildcards import Exactly, Test
from vedette.search.syntax.operators import COMPARISONS


class Condition(Protocol):
    """What a term asks, without its negation."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Lookup names of what it looks at."""
        ...

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say."""
        ...


class _OneKey:
    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key

    @property
    def keys(self) -> tuple[str, ...]:
        """The one key."""
        return (self.key,)


class Match(_OneKey):
    """A value of the key passes a test."""

    __slots__ = ("_matches",)

    def __init__(self, key: str, test: Test) -> None:
        super().__init__(key)
        self._matches = test.matches

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say."""
        values, complete = facts.get(self.key)
        for value in values:
            if self._matches(value):
                return TRUE
        return FALSE if complete else UNKNOWN


class Present(_OneKey):
    """The key has a value."""

    __slots__ = ()

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say."""
        values, complete = facts.get(self.key)
        if values:
            return TRUE
        return FALSE if complete else UNKNOWN


class Missing(_OneKey):
    """The key has no value."""

    __slots__ = ()

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say."""
        values, complete = facts.get(self.key)
        if values:
            return FALSE
        return TRUE if complete else UNKNOWN


class Ago(_OneKey):
    """A moment in some relation to one that lies some seconds before now."""

    __slots__ = ("_compare", "_seconds")

    def __init__(self, key: str, spelling: str, seconds: float) -> None:
        super().__init__(key)
        self._compare = COMPARISONS[spelling]
        self._seconds = seconds

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say."""
        values, complete = facts.get(self.key)
        then = facts.now() - self._seconds
        for value in values:
            moment = moment_of(value)
            if moment is not None and self._compare(moment, then):
                return TRUE
        return FALSE if complete else UNKNOWN


class Latest(_OneKey):
    """The release is the project's latest, which only the project's releases tell."""

    __slots__ = ()
    LATEST = "release.latest"

    @property
    def keys(self) -> tuple[str, ...]:
        """The release, and the latest one."""
        return (self.key, self.LATEST)

    def verdict(self, facts: Facts, /) -> Verdict:
        """What the facts say."""
        names, complete = facts.get(self.LATEST)
        found = FALSE if complete else UNKNOWN
        for name in names:
            found |= Match(self.key, Exactly(str(name))).verdict(facts)
        return found
