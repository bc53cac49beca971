"""Reads from Sentry which errors happened and which alerts fired, and the events that they are about.

Errors come from the organization's table of events, in the order of time. The history of an alert is shown issue by
issue, with its last firing on each: earlier ones are counted alone (`organization_workflow_group_history.py`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from vedette._core.json_values import json_list, json_object
from vedette.api import Sentry
from vedette.api.errors import Forbidden, NotFound
from vedette.api.models import AlertFiring, Workflow
from vedette.history.activity_changes import moment
from vedette.history.event_payload import ALERT_TRIGGERED, ERROR_CREATED, EventNotice

MOST_ERRORS: Final = 5_000
"""Errors that one sweep compares: 50 pages. The next sweep goes on after them."""
_PAGE: Final = 100
_STEP: Final = timedelta(seconds=1)
"""The least progress of a sweep, even if more happened in one second than it reads."""
_COLUMNS: Final = ("id", "issue.id", "project", "project.id", "timestamp", "title", "event.type")


@dataclass(frozen=True, slots=True)
class FoundNotices:
    """The errors or firings of a part of the past.

    Attributes:
        notices: The errors or firings, the oldest first.
        until: The end of the part that was read: earlier than the end that was asked for if there was too much.
    """

    notices: tuple[EventNotice, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class EventPolls:
    """The calls of one sweep about events.

    Attributes:
        sentry: The client; its calls have the lowest priority.
        app: The slug of the integration; empty if it is not known.
        installation: The uuid of its installation.
    """

    sentry: Sentry
    app: str
    installation: str

    async def errors_between(self, begins: datetime, until: datetime, most: int = MOST_ERRORS) -> FoundNotices:
        """Return the errors of a part of the past: one call per 100."""
        rows = self.sentry.events.search(
            _COLUMNS, query="event.type:error", start=begins, end=until, sort="timestamp", page_size=_PAGE
        )
        found: list[EventNotice] = []
        read = 0
        async for row in rows:
            read += 1
            notice = read_error(row.fields)
            if notice is not None and begins <= notice.at <= until:
                found.append(notice)
            if read >= most and found:
                # Those of the last moment may not all have been read; comparing the others again does no harm.
                return FoundNotices(tuple(sorted(found, key=_time)), max(*(one.at for one in found), begins + _STEP))
        return FoundNotices(tuple(sorted(found, key=_time)), until)

    async def firings_between(self, begins: datetime, until: datetime) -> FoundNotices:
        """Return the last firing on each issue of the alerts that notify the integration.

        One call per 100 alerts, and one or more for each that fired in this part of the past.
        """
        found: list[EventNotice] = []
        async for workflow in self.sentry.alerts.workflows():
            if not self._notifies(workflow) or workflow.last_triggered is None or workflow.last_triggered < begins:
                continue
            async for firing in self.sentry.alerts.history(workflow.id, start=begins, end=until, page_size=_PAGE):
                notice = read_firing(firing, workflow)
                if notice is not None and begins <= notice.at <= until:
                    found.append(notice)
        return FoundNotices(tuple(sorted(found, key=_time)), until)

    async def stored_event(self, notice: EventNotice) -> Mapping[str, Any] | None:
        """Return an event as Sentry stores it; None if it is gone, or the token may not read it."""
        try:
            body = await self.sentry.events.stored(notice.project, notice.event)
        except (NotFound, Forbidden):
            return None
        try:
            value: object = json.loads(body)
        except ValueError:
            return None
        stored = json_object(value)
        return stored if stored.get("event_id") == notice.event else None

    def _notifies(self, workflow: Workflow) -> bool:
        """Return whether an alert notifies the integration, and with a webhook that can be told from its name alone.

        An action with settings of its own adds them to its webhook, which is then recognised by the id of its rule.
        """
        actions = [
            json_object(action)
            for each in workflow.action_filters or []
            for action in json_list(each.get("actions"))
            if isinstance(action, dict)
        ]
        return workflow.enabled and any(self._is_own(action) for action in actions)

    def _is_own(self, action: Mapping[str, Any]) -> bool:
        config = json_object(action.get("config"))
        target = str(config.get("targetIdentifier") or config.get("target_identifier") or "")
        if json_object(action.get("data")).get("settings") or not target:
            return False
        if action.get("type") == "sentry_app":
            return target == self.installation
        return action.get("type") == "webhook" and target == self.app


def read_error(row: Mapping[str, Any]) -> EventNotice | None:
    """Return the error in a row of the table of events; None for a row without one, or without its ids."""
    at = moment(row.get("timestamp"))
    identifiers = [str(row.get(name) or "") for name in ("id", "issue.id", "project", "project.id")]
    # The table has other events too, for which there is no such webhook.
    if at is None or row.get("event.type") != "error" or not all(identifiers):
        return None
    return EventNotice(ERROR_CREATED, at, *identifiers, title=str(row.get("title") or ""))


def read_firing(firing: AlertFiring, workflow: Workflow) -> EventNotice | None:
    """Return the last firing of an alert on an issue; None without its ids, or if the alert was renamed since."""
    at, project = firing.last_triggered, json_object(firing.group.get("project"))
    identifiers = [
        str(value or "") for value in (firing.event_id, firing.group.get("id"), project.get("slug"), project.get("id"))
    ]
    # The webhook named the alert as it was called then, and is recognised by that name.
    renamed = workflow.date_updated is not None and at is not None and at < workflow.date_updated
    if at is None or renamed or not all(identifiers):
        return None
    title = str(firing.group.get("title") or "")
    return EventNotice(ALERT_TRIGGERED, at, *identifiers, title=title, rule=workflow.name)


def _time(notice: EventNotice) -> datetime:
    return notice.at
