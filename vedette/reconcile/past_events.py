"""Lists the past events of an issue, and decides which of them still matter."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vedette._core.json_values import json_list, json_object
from vedette.history.activity_changes import object_in
from vedette.history.event_reconstruction import (
    COMMENTED,
    CREATED,
    ReconstructedEvent,
    reconstruct_comments,
    reconstruct_events,
)
from vedette.history.people import People, learn_all
from vedette.reconcile.arrivals import in_milliseconds
from vedette.store.deliveries.stored_record import Rebuilt

_STATUS: Final = frozenset({"issue.resolved", "issue.unresolved", "issue.archived"})
ONCE: Final = frozenset({CREATED, COMMENTED})
"""The events that happen once to their object."""


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event in the history of an issue, for which Sentry sends a webhook.

    Attributes:
        event: The event with its time.
        body: The issue, as the API shows it.
        in_effect: Whether its effect has been neither undone nor replaced since.
    """

    event: ReconstructedEvent
    body: Mapping[str, Any]
    in_effect: bool = True

    @property
    def issue(self) -> str:
        """The issue's id."""
        return str(self.body["id"])

    @property
    def label(self) -> str:
        """The issue's short id, or its id."""
        return str(self.body.get("shortId") or self.issue)

    @property
    def project(self) -> str:
        """The slug of the issue's project."""
        return str(object_in(self.body, "project").get("slug") or "")

    @property
    def occurrence(self) -> str:
        """The name of the event with the id of its object."""
        name = self.event.name
        return f"{name} {self.event.activity.get('id')}" if name == COMMENTED else f"{name} {self.issue}"

    @property
    def milliseconds(self) -> int:
        """When it happened, Unix time in milliseconds."""
        return in_milliseconds(self.event.at)

    @property
    def app(self) -> str:
        """The slug of the integration that did it; empty if none did."""
        return str(object_in(self.event.activity, "sentry_app").get("slug") or "")

    def rebuilt_as(self, *, app: str, late_before: datetime, rebuild_all: bool = False) -> Rebuilt:
        """Return how it is rebuilt.

        Args:
            app: The slug of the own integration; empty if it is not known.
            late_before: The time before which it is only recorded.
            rebuild_all: Whether superseded and late ones are handled like others.
        """
        if app and self.app == app:
            return "own"
        if rebuild_all:
            return "recent"
        if not self.in_effect:
            return "superseded"
        return "late" if self.event.at < late_before else "recent"


def past_events_of(body: Mapping[str, Any], kinds: Collection[str]) -> list[PastEvent]:
    """Return all past events that an issue shows, the oldest first.

    Args:
        body: The issue, with its activities if they were read.
        kinds: The resources that are wanted.
    """
    activities = [json_object(one) for one in json_list(body.get("activity")) if isinstance(one, dict)]
    people = People()
    people.learn(body.get("assignedTo"))
    learn_all(people, (one.get("user") for one in activities), "user")
    events = reconstruct_events(body, activities, people)
    found = [
        PastEvent(one, body, in_effect=_is_in_effect(one, events[place + 1 :], body))
        for place, one in enumerate(events)
    ]
    notes = [PastEvent(one, body) for one in reconstruct_comments(activities)]
    wanted = [one for one in (*found, *notes) if one.event.name.partition(".")[0] in kinds]
    return sorted(wanted, key=lambda one: one.event.at)


def _is_in_effect(event: ReconstructedEvent, later: Iterable[ReconstructedEvent], body: Mapping[str, Any]) -> bool:
    """Return whether the effect of an event is still there; that an issue was created is never undone."""
    if event.name in _STATUS:
        is_last = not any(one.name in _STATUS for one in later)
        return is_last and body.get("status") == event.state.get("status", body.get("status"))
    if event.name == "issue.assigned":
        now = _actor(body.get("assignedTo"))
        known = _actor(event.state.get("assignedTo", body.get("assignedTo")))
        return now is not None and known == now and not any(one.name == event.name for one in later)
    return True


def _actor(value: object) -> tuple[str, str] | None:
    if not isinstance(value, dict):
        return None
    actor = json_object(value)
    return str(actor.get("type")), str(actor.get("id"))
