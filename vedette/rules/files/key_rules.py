"""Checks the keys of rules: those of events, those of scheduled rules, and the actions that its events allow."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from vedette.authoring.event_patterns import asks_for
from vedette.events.catalog import RESOURCES, known_names

CLOCK_KEYS: Final = ("timezone", "search", "most")
"""Keys that require `schedule`."""
_WITHOUT_ISSUE: Final = frozenset({"metric_alert", "installation", "preprod_artifact"})
"""Resources with payloads that name no issue (vedette/events/identity_paths.py has the identifiers of each)."""
_ISSUE_NAMES: Final = tuple(
    name for name in known_names() if name.partition(".")[0] in RESOURCES.keys() - _WITHOUT_ISSUE
)
_KNOWN: Final = frozenset(known_names())
_SEARCH: Final = '`search = "is:unresolved lastSeen:+30d"` beside `schedule`'


def unfitting_keys(table: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield missing and conflicting keys: the key (empty for the rule), the found and the expected value."""
    if "schedule" not in table:
        if "on" not in table:
            yield "", 'the key "on" is missing', "`on = ...` in it, or `schedule = ...` and `search = ...`"
        for key in CLOCK_KEYS:
            if key in table:
                yield key, f"{key} without schedule", 'none of it, or `schedule = "0 6 * * *"` instead of `on`'
        return
    if "on" in table:
        yield "schedule", "schedule and on in one rule", "one rule for the events, and another with the schedule"
    if "search" not in table:
        yield "schedule", 'the key "search" is missing', _SEARCH
    elif isinstance(table["search"], str) and not table["search"].strip():
        yield "search", 'search = ""', _SEARCH


def never_about_an_issue(events: Sequence[str]) -> bool:
    """Return whether no event of these patterns has an issue."""
    return bool(events) and not any(asks_for(events, (name,), _KNOWN) for name in _ISSUE_NAMES)
