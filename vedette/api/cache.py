"""Caches of a process between calls: labels of issues for its log, ids of people and teams for assigning.

They are bounded and expire, because people leave and teams are renamed. Clients of one organization share them.
"""

from dataclasses import dataclass, field

from cachetools import TTLCache


@dataclass(frozen=True, slots=True)
class KnownIssue:
    """The label and project of an issue that was read before."""

    label: str
    project: str | None


@dataclass(frozen=True, slots=True)
class KnownActor:
    """A user or team to assign to."""

    key: str
    """`user:1`, `team:2`, or an e-mail address that Sentry itself looks up."""
    label: str
    """`team payments`, `ann@example.com`."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The caches of one organization."""

    issues: TTLCache[str, KnownIssue] = field(default_factory=lambda: TTLCache[str, KnownIssue](10_000, ttl=3600.0))
    actors: TTLCache[str, KnownActor] = field(default_factory=lambda: TTLCache[str, KnownActor](2_000, ttl=300.0))
    identities: TTLCache[str, tuple[str, ...]] = field(
        default_factory=lambda: TTLCache[str, tuple[str, ...]](2_000, ttl=300.0)
    )
    """By `user:1` or `team:2`: all names by which searches know it."""
    dropped: set[str] = field(default_factory=set[str])
    """Fields of issues that the server accepted and did not take."""
