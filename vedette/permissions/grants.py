"""Defines grants: scopes of Sentry, narrowed by project, operation, field and channel."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from vedette.api.scopes import holds
from vedette.settings.access import GrantSettings

EVERY: Final = ("*",)
KNOWN_FIELDS: Final = frozenset(
    {
        *("status", "substatus", "statusDetails", "assignedTo", "priority"),
        *("inbox", "hasSeen", "isBookmarked", "isSubscribed"),
    }
)
"""The fields of an issue's update that a grant allows unless it names some. Others, such as `merge` and `discard`, lose
data and have to be named."""
_OF_STATUS: Final = frozenset({"substatus", "statusDetails"})


@dataclass(frozen=True, slots=True)
class Grant:
    """The permissions of one principal."""

    scopes: tuple[str, ...] = ()
    projects: tuple[str, ...] = EVERY
    operations: tuple[str, ...] = EVERY
    fields: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    writes_per_hour: int | None = None
    writes_per_issue_per_hour: int | None = None
    reads_per_hour: int | None = None
    """Reads in an hour; None for no bound."""
    bulk: int | None = None
    """The number of issues that one call may change; None for no bound but Sentry's own."""
    hide: tuple[str, ...] = ()
    """Classes of event data that are left out of answers."""
    is_exact: bool = False
    """Return whether its operations are exact names, as those of agents; naming one then lifts no other limit."""
    shipped: bool = False
    """Return whether it comes with a bundled handler, and not from the settings."""

    @property
    def is_for_all_projects(self) -> bool:
        """Return whether every project is granted, so that the project of a call need not be looked up."""
        return "*" in self.projects

    def holds(self, wanted: Collection[str]) -> bool:
        """Return whether one of the wanted scopes is granted."""
        return holds(self.scopes, wanted)

    def covers_operation(self, name: str) -> bool:
        """Return whether an operation is granted."""
        return _any(self.operations, name)

    def names_operation(self, name: str) -> bool:
        """Return whether an operation is granted by a name or pattern other than `*`."""
        return _any([pattern for pattern in self.operations if pattern != "*"], name)

    def covers_channel(self, name: str) -> bool:
        """Return whether messages may be sent to a channel."""
        return _any(self.channels, name)

    def covers_project(self, slug: str) -> bool:
        """Return whether a project is granted."""
        return _any(self.projects, slug)

    def fields_outside(self, fields: Iterable[str]) -> list[str]:
        """Return the fields of an issue's update that are not granted; `status` includes its details."""
        allowed = frozenset(self.fields) or KNOWN_FIELDS
        if "status" in allowed:
            allowed |= _OF_STATUS
        return sorted(set(fields) - allowed)

    def __str__(self) -> str:
        if not self.scopes and not self.channels:
            return "nothing"
        parts = [" ".join(self.scopes)] if self.scopes else []
        if self.channels:
            parts.append(f"notifying {', '.join(self.channels)}")
        if self.operations != EVERY:
            parts.append(f"for {', '.join(self.operations)}")
        if self.fields:
            parts.append(f"setting {', '.join(self.fields)}")
        if self.projects != EVERY:
            parts.append(f"in {', '.join(self.projects)}")
        if self.writes_per_hour is not None:
            parts.append(f"{self.writes_per_hour} an hour")
        if self.writes_per_issue_per_hour is not None:
            parts.append(f"{self.writes_per_issue_per_hour} an hour and issue")
        return ", ".join(parts)


NOTHING: Final = Grant()


def grant_of(
    settings: GrantSettings | None, needs: tuple[str, ...], *, bundled: bool, fields: tuple[str, ...] = ()
) -> Grant:
    """Return the grant of a handler: that of the settings, else that of a bundled handler, else an empty one.

    Args:
        settings: The grant in the settings, if there is one.
        needs: The scopes that the handler states.
        bundled: Whether it ships with Vedette.
        fields: Fields that lose data, which a shipped grant names.
    """
    if settings is not None:
        return Grant(**settings.model_dump())
    allowed = (*sorted(KNOWN_FIELDS), *fields) if fields else ()
    return Grant(scopes=needs, fields=allowed, channels=EVERY, shipped=True) if bundled else NOTHING


def _any(patterns: Iterable[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
