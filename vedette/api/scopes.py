"""Sentry's scopes, and their hierarchy.

Tokens, grants and errors all use scopes such as `event:write`. Sentry expands a scope to those it holds when a token
is saved, so both sides of a comparison must know the hierarchy; this is its only copy.
"""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from vedette._core.json_values import json_list, json_object

EVENT_READ: Final = frozenset({"event:read", "event:write", "event:admin"})
EVENT_WRITE: Final = frozenset({"event:write", "event:admin"})
EVENT_ADMIN: Final = frozenset({"event:admin"})
PROJECT_READ: Final = frozenset({"project:read", "project:write", "project:admin"})
PROJECT_WRITE: Final = frozenset({"project:write", "project:admin"})
PROJECT_ADMIN: Final = frozenset({"project:admin"})
ORG_READ: Final = frozenset({"org:read", "org:write", "org:admin"})
ORG_WRITE: Final = frozenset({"org:write", "org:admin"})
ORG_ADMIN: Final = frozenset({"org:admin"})
TEAM_READ: Final = frozenset({"team:read", "team:write", "team:admin"})
TEAM_WRITE: Final = frozenset({"team:write", "team:admin"})
TEAM_ADMIN: Final = frozenset({"team:admin"})
MEMBER_READ: Final = frozenset({"member:read", "member:write", "member:admin"})
MEMBER_INVITE: Final = frozenset({"member:invite", "member:write", "member:admin"})
MEMBER_ADMIN: Final = frozenset({"member:admin"})
RELEASE_READ: Final = PROJECT_READ | {"project:releases", "org:ci"}
RELEASE_WRITE: Final = PROJECT_WRITE | {"project:releases", "org:ci"}
RELEASE_ADMIN: Final = frozenset({"project:admin", "project:releases"})
ALERTS_READ: Final = ORG_READ | {"alerts:read"}
ALERTS_WRITE: Final = ORG_WRITE | {"alerts:write"}
ANYONE: Final[frozenset[str]] = frozenset()
"""No scope is needed."""

HIERARCHY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "org:read": frozenset({"org:read"}),
        "org:write": frozenset({"org:read", "org:write"}),
        "org:admin": frozenset({"org:read", "org:write", "org:admin", "org:integrations"}),
        "org:integrations": frozenset({"org:integrations"}),
        "org:ci": frozenset({"org:ci"}),
        "member:invite": frozenset({"member:read", "member:invite"}),
        "member:read": frozenset({"member:read"}),
        "member:write": frozenset({"member:read", "member:invite", "member:write"}),
        "member:admin": frozenset({"member:read", "member:invite", "member:write", "member:admin"}),
        "team:read": frozenset({"team:read"}),
        "team:write": frozenset({"team:read", "team:write"}),
        "team:admin": frozenset({"team:read", "team:write", "team:admin"}),
        "project:read": frozenset({"project:read"}),
        "project:write": frozenset({"project:read", "project:write"}),
        "project:admin": frozenset({"project:read", "project:write", "project:admin"}),
        "project:releases": frozenset({"project:releases"}),
        "project:distribution": frozenset({"project:distribution"}),
        "event:read": frozenset({"event:read"}),
        "event:write": frozenset({"event:read", "event:write"}),
        "event:admin": frozenset({"event:read", "event:write", "event:admin"}),
        "alerts:read": frozenset({"alerts:read"}),
        "alerts:write": frozenset({"alerts:read", "alerts:write"}),
        "openid": frozenset({"openid"}),
        "profile": frozenset({"profile"}),
        "email": frozenset({"email"}),
    }
)
"""Every scope of Sentry and the scopes it holds, itself included.

Traps: `project:admin` does not hold `project:releases`, `org:admin` holds `org:integrations` but no scope of a project,
team or member, and nothing holds `org:ci`.
"""

INTEGRATION_SCOPES: Final = frozenset(HIERARCHY) - {"org:ci", "openid", "profile", "email"}
"""The scopes that the form of a custom integration offers; `org:ci` belongs to organization tokens alone."""

# The areas as the form of a custom integration calls them.
_AREAS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "event": "Issue & Event",
        "project": "Project",
        "org": "Organization",
        "team": "Team",
        "member": "Member",
        "alerts": "Alerts",
    }
)
_LEVELS: Final[Mapping[str, str]] = MappingProxyType({"read": "Read", "write": "Read & Write", "admin": "Admin"})
_ODD: Final[Mapping[str, str]] = MappingProxyType(
    {"project:releases": "Release: Admin", "project:distribution": "Distribution: Read"}
)


def expand(scopes: Iterable[str]) -> frozenset[str]:
    """Return all scopes that these hold. A scope that Sentry adds later holds itself."""
    held: set[str] = set()
    for scope in scopes:
        held |= HIERARCHY.get(scope, frozenset({scope}))
    return frozenset(held)


def read_scopes(auth: object) -> frozenset[str]:
    """Return the scopes of a token from the `auth` of Sentry's answer; none if that is malformed."""
    found: object = json_object(auth).get("scopes")
    scopes = json_list(found)
    return frozenset(scope for scope in scopes if isinstance(scope, str))


def holds(scopes: Iterable[str], wanted: Collection[str]) -> bool:
    """Return whether one of the wanted scopes is held; True if none is wanted."""
    return not wanted or not expand(scopes).isdisjoint(wanted)


def least(wanted: Collection[str]) -> str | None:
    """Return the weakest of the wanted scopes that an integration can hold, to ask an operator for.

    Sentry accepts any of an operation's scopes; advising the widest would hand out more than the call needs.
    """
    candidates = [scope for scope in wanted if scope in INTEGRATION_SCOPES] or list(wanted)
    return min(candidates, key=lambda scope: (len(expand([scope])), scope), default=None)


def in_form(scope: str) -> str:
    """Return the scope as the form of a custom integration shows it: `event:write` is `Issue & Event: Read & Write`."""
    area, _, level = scope.partition(":")
    return _ODD.get(scope) or f"{_AREAS.get(area, area)}: {_LEVELS.get(level, level)}"
