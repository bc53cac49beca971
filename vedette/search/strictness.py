"""Refuses searches that Sentry accepts but that are mistakes: a tag `levl`, a level `fatl`, "me" with a bot's token.

Sentry reads any unknown key as a tag. In a rule, which runs for years unattended, such a search never matches, or
always does if it is negated.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from vedette._core.nearest_name import edit_distance
from vedette.search.keys import Kind, find_key, key_names
from vedette.search.matching.wildcards import literal_parts
from vedette.search.syntax.filter_context import Filter
from vedette.search.syntax.operators import NOT_EQUAL
from vedette.search.syntax.scanner import Scanner, WrittenKey

_SHORTEST: Final = 5
"""Letters that a known key needs, so that a misspelling differs from other short words."""
_LONG: Final = 9
"""Letters of a known key from which two mistakes are taken for a misspelling too."""
_COMMON_TAGS: Final = frozenset({"users", "stage", "device", "messages", "release_stage"})
"""Names that applications give to tags, and that are near a key."""
_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "level": ("fatal", "error", "warning", "info", "debug", "sample"),
    "device.class": ("high", "medium", "low"),
}
"""All values that there can be."""
_OURSELVES: Final = frozenset({"me", "my_teams"})


def refuse_misspelt_key(scanner: Scanner, written: WrittenKey) -> None:
    """Refuse a bare key that is no key of Sentry's, and nearly one.

    Raises:
        SearchSyntaxError: It is; the text says how a tag of that name is written.
    """
    near = None if "[" in written.name else _misspelt(written.name)
    if near is not None:
        expected = f"{near}, or tags[{written.name}] where a tag of that name is meant"
        start = written.start + written.negated
        scanner.fail(expected, start, start + len(written.name))


def refuse_impossible_values(found: Filter) -> None:
    """Refuse values that the key never has.

    Raises:
        SearchSyntaxError: There is one.
    """
    possible = _VALUES.get(found.key.name)
    for item in found.value.items:
        is_plain = found.value.operator in {"", "=", NOT_EQUAL} and len(literal_parts(item.text)) == 1
        if possible is not None and item.text and is_plain and item.text not in possible:
            found.fail(f"one of {', '.join(possible)}", item)
        if found.key.kind is Kind.ACTOR and item.text in _OURSELVES:
            found.fail("an address, a username, #team or none: a bot's token is no person and in no team", item)


@cache
def _misspelt(written: str) -> str | None:
    """Return the key that a name most likely means; None if it is a key, or similar to none."""
    if written in key_names() or written in _COMMON_TAGS or find_key(written).kind is not Kind.TEXT:
        return None
    for name in key_names():
        # Two mistakes with another first letter are rather another word.
        allowed = 2 if len(name) >= _LONG and name[0].lower() == written[0].lower() else 1
        if len(name) >= _SHORTEST and edit_distance(written.lower(), name.lower(), allowed) <= allowed:
            return name
    return None
