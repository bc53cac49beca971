"""What a process remembers between calls: names of issues for its log, ids of people and teams for assigning.

Bounded and short-lived, because people leave and teams are renamed. Shared between clients of one organization.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """Values by name, at most so many, each for at most so long."""

    def __init__(self, *, most: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._now = now
        self._kept: OrderedDict[str, tuple[float, Value]] = OrderedDict()

    def get(self, name: str) -> Value | None:
        """The value, unless it is unknown or too old."""
        found = self._kept.get(name)
        if found is None or found[0] <= self._now():
            return None
        return found[1]

    def put(self, name: str, value: Value) -> None:
        """Remember a value; the oldest makes room."""
        self._kept[name] = (self._now() + self._seconds, value)
        self._kept.move_to_end(name)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def drop(self, name: str) -> None:
        """Forget a value."""
        self._kept.pop(name, None)


@dataclass(frozen=True, slots=True)
class KnownIssue:
    """What is needed to speak of an issue without reading it again."""

    label: str
    project: str | None


@dataclass(frozen=True, slots=True)
class KnownActor:
    """Somebody to assign to."""

    key: str
    """`user:1`, `team:2`, or an e-mail address that Sentry itself looks up."""
    label: str
    """`team payments`, `ann@example.com`."""


@dataclass(frozen=True, slots=True)
class Memory:
    """All of it, for one organization."""

    issues: Remembered[KnownIssue] = field(default_factory=lambda: Remembered[KnownIssue](most=10_000, seconds=3600.0))
    actors: Remembered[KnownActor] = field(default_factory=lambda: Remembered[KnownActor](most=2_000, seconds=300.0))
    identities: Remembered[tuple[str, ...]] = field(
        default_factory=lambda: Remembered[tuple[str, ...]](most=2_000, seconds=300.0)
    )
    """By `user:1` or `team:2`: all names by which searches know it."""
    dropped: set[str] = field(default_factory=set[str])
    """Fields of issues that the server accepted and did not take."""
