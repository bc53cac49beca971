"""What a process remembers between calls: names of issues for its log, ids of people and teams for assigning.

Bounded and short-lived, because people leave and teams are renamed. Shared between clients of one organization.
"""

from dataclasses import dataclass, field

from cachetools import TTLCache


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

    issues: TTLCache[str, KnownIssue] = field(default_factory=lambda: TTLCache[str, KnownIssue](10_000, ttl=3600.0))
    actors: TTLCache[str, KnownActor] = field(default_factory=lambda: TTLCache[str, KnownActor](2_000, ttl=300.0))
    identities: TTLCache[str, tuple[str, ...]] = field(
        default_factory=lambda: TTLCache[str, tuple[str, ...]](2_000, ttl=300.0)
    )
    """By `user:1` or `team:2`: all names by which searches know it."""
    dropped: set[str] = field(default_factory=set[str])
    """Fields of issues that the server accepted and did not take."""
