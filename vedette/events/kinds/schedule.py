"""`schedule.due`: Vedette's own event for a scheduled handler. Sentry sends nothing of this name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vedette.events.event import Event
from vedette.events.payload.fields import Payload

SCHEDULE: Final = "schedule"
SCHEDULE_DUE: Final = "schedule.due"


class ScheduleData(Payload):
    """The handler, and the time that is due."""

    handler: str
    integration: str
    cron: str
    timezone: str
    due: datetime


@dataclass(frozen=True, kw_only=True, repr=False)
class ScheduleEvent(Event):
    """The time at which a handler runs by cron."""

    data: ScheduleData

    @property
    def handler(self) -> str:
        """The handler that is due."""
        return self.data.handler

    @property
    def cron(self) -> str:
        """The expression that was due."""
        return self.data.cron

    @property
    def due(self) -> datetime:
        """The time that it runs for; after a downtime, the latest that was missed."""
        return self.data.due

    @property
    def subject(self) -> str | None:  # pyright: ignore[reportIncompatibleVariableOverride] - nothing to cache
        """One of a handler and integration, so that their runs go one at a time."""
        return schedule_subject(self.handler, self.data.integration)


def schedule_subject(handler: str, integration: str) -> str:
    """Return what the deliveries of a handler's times are about."""
    return f"{SCHEDULE}:{handler}:{integration}"


def schedule_payload(handler: str, integration: str, cron: str, timezone: str, due: datetime) -> dict[str, Any]:
    """Return the body of a `schedule.due`."""
    data = {"handler": handler, "integration": integration, "cron": cron, "timezone": timezone, "due": due.isoformat()}
    return {"action": "due", "data": data}
