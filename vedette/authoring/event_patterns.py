"""Which events a handler asks for: `issue.created`, `issue.*` or `*`.

Only `*` sees kinds that Vedette does not know, so that a handler written for what exists is never given something else.
"""

from collections.abc import Collection, Iterable
from typing import Protocol

from vedette._core.nearest_name import find_nearest_name

EVERYTHING = "*"


class NamedPattern(Protocol):
    """An event, as far as choosing handlers is concerned."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it answers to: (`issue.archived`, `issue.ignored`)."""
        ...


class UnknownPatternError(ValueError):
    """A pattern that no event could ever match."""

    def __init__(self, pattern: str, known: Collection[str]) -> None:
        self.pattern = pattern
        near = find_nearest_name(pattern, known)
        hint = f'did you mean @on("{near}")?' if near else 'write an event such as @on("issue.created"), or @on("*")'
        super().__init__(f'no event is named "{pattern}": {hint}')


def check_pattern(pattern: str, known: Collection[str]) -> None:
    """Refuse a pattern that no known event matches.

    Raises:
        UnknownPatternError: With the nearest name that exists.
    """
    if pattern == EVERYTHING or pattern in known:
        return
    resource, _, action = pattern.partition(".")
    if action == "*" and any(name.startswith(f"{resource}.") for name in known):
        return
    raise UnknownPatternError(pattern, known)


def matches(patterns: Iterable[str], event: NamedPattern, known: Collection[str]) -> bool:
    """Return whether one of `patterns` asks for `event`."""
    return asks_for(patterns, event.names, known)


def asks_for(patterns: Iterable[str], names: Iterable[str], known: Collection[str]) -> bool:
    """Return whether one of `patterns` asks for an event that answers to `names`."""
    names = [name for name in names if name in known]
    for pattern in patterns:
        if pattern == EVERYTHING or pattern in names:
            return True
        if pattern.endswith(".*") and any(name.startswith(pattern[:-1]) for name in names):
            return True
    return False
