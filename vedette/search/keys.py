"""Defines the keys of Sentry's issue search: kind of value, other spellings, and source of the fact.

A key that is not here is the name of a tag, as in Sentry.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from vedette.search.key_table import ALIASES, KINDS, SOURCES


class Kind(Enum):
    """The kind of value that a key has."""

    TEXT = "text"
    MESSAGE = "part of a text"
    NUMBER = "number"
    DURATION = "duration"
    SIZE = "size"
    DATE = "date"
    BOOLEAN = "boolean"
    ACTOR = "user or team"
    RELEASE = "release"
    VERSION = "version"
    BUILD = "build number"
    CHOICE = "one of several choices"
    IS = "state of an issue"
    HAS = "key"


class Source(Enum):
    """A source of facts that the payload lacks."""

    ISSUE = "issue"
    """The issue, as the API serves it."""
    EVENT = "event"
    """The issue's latest event. A search in Sentry looks at all of them."""
    INBOX = "inbox"
    """The issue with `expand=inbox`."""
    OWNERS = "owners"
    """The issue with `expand=owners`: the owners that ownership rules and suspect commits suggest."""
    LINKS = "links"
    """The issue's links to issue trackers."""
    RELEASES = "releases"
    """The project's releases, or the issue's first one."""
    ACCOUNT = "account"
    """The account of the token: `me`, `my_teams`, bookmarks and subscriptions. Integrations have no account."""
    BUILD = "build"
    """A mobile build; only its own webhooks have such facts."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as a search uses it.

    Attributes:
        name: what facts are looked up by; one name for all spellings, `tags[NAME]` for tags.
        kind: how its value is read.
    """

    name: str
    kind: Kind


_TYPED: Final = re.compile(r"(tags|flags)\[([^\],]+)(?:,(string|number))?\]")


def find_key(written: str) -> Key:
    """Return the key of that spelling; a tag when Sentry has no such key.

    Args:
        written: `level`, `firstSeen`, `browser`, `tags[browser]`, `tags[retries,number]`, `flags[beta]`.
    """
    typed = _TYPED.fullmatch(written)
    if typed:
        name = f"{typed[1]}[{typed[2]}]"
        return Key(name, Kind.NUMBER if typed[3] == "number" else Kind.TEXT)
    name = ALIASES.get(written, written)
    kind = KINDS.get(name)
    if kind is not None:
        # Some that Sentry derives from an event's contexts are stored as tags; what they hold is still known.
        return Key(name if name in SOURCES else f"tags[{name}]", Kind[kind])
    return Key(f"tags[{name}]", Kind.TEXT)


def lookup_name(written: str) -> str:
    """Return the name by which facts are looked up: `firstSeen` for `age`, `tags[browser]` for `browser`.

    Some facts that no search can name have one too (`suggested`, `for_review`, `linked`, `me`, `my_teams`,
    `release.latest`); a tag of such a name is `tags[linked]`.
    """
    return written if written in SOURCES else find_key(written).name


def source_of(name: str) -> Source:
    """Return the source of the fact of a lookup name; facts of the same source take one request."""
    return Source[SOURCES.get(name, "EVENT")]


def key_names() -> list[str]:
    """All keys and other spellings that are not tags, sorted."""
    return sorted({*KINDS, *ALIASES})
