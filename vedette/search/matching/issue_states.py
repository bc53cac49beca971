"""Translates the values of `is:` to properties of an issue."""

from collections.abc import Mapping
from typing import Final

from vedette.search.matching.conditions import Both, Condition, Match, Missing, Present
from vedette.search.matching.units import Compared
from vedette.search.matching.wildcards import Exactly

# Sentry's servers write `ignored` where its pages say archived; older ones said muted.
_STATUSES: Final[Mapping[str, str]] = {
    "unresolved": "unresolved",
    "resolved": "resolved",
    "archived": "ignored",
    "ignored": "ignored",
    "muted": "ignored",
    "reprocessing": "reprocessing",
}
_SUBSTATUSES: Final = (
    "new",
    "ongoing",
    "escalating",
    "regressed",
    "archived_until_escalating",
    "archived_until_condition_met",
    "archived_forever",
)
_OLD_SUBSTATUSES: Final = ("until_escalating", "until_condition_met", "forever")
_OTHERS: Final = ("assigned", "unassigned", "for_review", "linked", "unlinked")

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "is": (*_STATUSES, *_OTHERS, *_SUBSTATUSES, *_OLD_SUBSTATUSES),
    "status": tuple(_STATUSES),
    "substatus": (*_SUBSTATUSES, *_OLD_SUBSTATUSES),
    "issue.priority": ("high", "medium", "low"),
    "release.stage": ("adopted", "low", "low_adoption", "replaced"),
}
"""Values that Sentry accepts, by key; it refuses all others. Sets that grow with its versions are not here."""


def state_condition(value: str) -> Condition:
    """Return the condition for `is:VALUE`, one of `CHOICES["is"]`."""
    match value:
        case "assigned":
            found: Condition = Present("assigned")
        case "unassigned":
            found = Missing("assigned")
        case "for_review":
            # Sentry searches the inbox only among unresolved issues, so any other status settles it.
            found = Both(choice_condition("status", "unresolved"), Match("for_review", Compared("=", 1)))
        case "linked" | "unlinked":
            found = Match("linked", Compared("=", int(value == "linked")))
        case _:
            found = choice_condition("status" if value in _STATUSES else "substatus", value)
    return found


def choice_condition(key: str, value: str) -> Condition:
    """Return the condition that the key has one of its allowed values, in whichever spelling."""
    if key == "status":
        value = _STATUSES[value]
    elif key == "substatus" and value in _OLD_SUBSTATUSES:
        value = f"archived_{value}"
    elif key == "release.stage" and value == "low":
        value = "low_adoption"
    return Match(key, Exactly(value))
