"""What makes a rule one of events or one by the clock: which keys go together, and which actions its events allow."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from vedette.authoring.event_patterns import asks_for
from vedette.events.catalog import RESOURCES, known_names

CLOCK_KEYS: Final = ("timezone", "search", "most")
"""Keys that go with `schedule` alone."""
_WITHOUT_ISSUE: Final = frozenset({"metric_alert", "installation", "preprod_artifact"})
"""Resources whose payloads name no issue (vedette/events/identity_paths.py says what each names)."""
_ISSUE_NAMES: Final = tuple(
    name for name in known_names() if name.partition(".")[0] in RESOURCES.keys() - _WITHOUT_ISSUE
)
_KNOWN: Final = frozenset(known_names())
_SEARCH: Final = '`search = "is:unresolved lastSeen:+30d"` beside `schedule`'


def unfitting_keys(table: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The keys that are missing or do not go together: where (empty: the rule), what was found, what is expected."""
    if "schedule" not in table:
        if "on" not in table:
            yield "", 'the key "on" is missing', "`on = ...` in it, or `schedule = ...` and `search = ...`"
        for key in CLOCK_KEYS:
            if key in table:
                yield key, f"{key} without schedule", 'none of it, or `schedule = "0 6 * * *"` instead of `on`'
        return
    if "on" in table:
        yield "schedule", "schedule and on in one rule", "a rule for the events, and another by the clock"
    if "search" not in table:
        yield "schedule", 'the key "search" is missing', _SEARCH
    elif isinstance(table["search"], str) and not table["search"].strip():
        yield "search", 'search = ""', _SEARCH


def never_about_an_issue(events: Sequence[str]) -> bool:
    """Whether no event of these patterns is about an issue."""
    return bool(events) and not any(asks_for(events, (name,), _KNOWN) for name in _ISSUE_NAMES)
