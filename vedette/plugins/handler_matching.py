"""Matches handlers to events: by their patterns, or by their schedule."""

from collections.abc import Collection

from vedette.authoring.event_patterns import NamedPattern, matches
from vedette.events.kinds.schedule import ScheduleEvent
from vedette.plugins.handler import Handler


def subscribes_to(handler: Handler, event: NamedPattern, known: Collection[str]) -> bool:
    """Return whether `handler` asks for `event`; a time that is due is for its own handler alone."""
    if isinstance(event, ScheduleEvent):
        return bool(handler.crons) and event.handler == handler.name
    return matches(handler.patterns, event, known)
