"""Finds the names of projects, users, teams and releases in a search. Only Sentry knows whether they exist."""

from dataclasses import dataclass
from typing import Final, Literal

from vedette.search.keys import Kind
from vedette.search.matching.wildcards import literal_parts
from vedette.search.syntax.filter_context import Filter
from vedette.search.syntax.operators import NOT_EQUAL
from vedette.search.syntax.raw_values import Item

Named = Literal["project", "user", "team", "release"]
_PROJECTS: Final = frozenset({"project", "project.id"})
_NOBODY: Final = frozenset({"none", "me", "my_teams"})
_LATEST: Final = "latest"


@dataclass(frozen=True, slots=True)
class Mention:
    """One name in a search.

    Attributes:
        kind: The kind of the named thing; a `user` by username, address or id.
        name: without quotes, escapes and the `#` of a team.
        position: index in the search of its first character, or of the quote before it.
    """

    kind: Named
    name: str
    position: int


def mentions_of(found: Filter) -> tuple[Mention, ...]:
    """Return the complete names in a filter: neither patterns, nor comparisons, nor placeholders such as `me`."""
    if found.value.operator not in {"", "=", NOT_EQUAL}:
        return ()
    of_item = _actor if found.key.kind is Kind.ACTOR else _thing
    mentions = (of_item(found, item) for item in found.value.items if item.text)
    return tuple(mention for mention in mentions if mention is not None)


def _actor(found: Filter, item: Item) -> Mention | None:
    """Names of people and teams hold no wildcards."""
    if item.text in _NOBODY:
        return None
    if item.text.startswith("#") or found.key.name == "team":
        return Mention("team", item.text.removeprefix("#").lower(), item.start)
    return Mention("user", item.text, item.start)


def _thing(found: Filter, item: Item) -> Mention | None:
    name, *more = literal_parts(item.text)
    if more:
        return None
    if found.key.name in _PROJECTS:
        return Mention("project", name, item.start)
    is_release = found.key.kind is Kind.RELEASE and name != _LATEST
    return Mention("release", name, item.start) if is_release else None
