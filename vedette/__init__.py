"""The library that handler authors import; it knows none of the rooms built on it.

The names are loaded when they are first used, because every part of Vedette passes through here, the receiver too,
which needs neither the API client nor the models.
"""

from typing import TYPE_CHECKING

from vedette.first_use import on_first_use

if TYPE_CHECKING:
    from vedette.api import Change, Sentry
    from vedette.events import Event
    from vedette.handling.access.errors import AccessDenied
    from vedette.handling.access.notifying import Notify
    from vedette.handling.context import Context
    from vedette.handling.decorator import on
    from vedette.handling.every import every
    from vedette.handling.providers import provide
    from vedette.handling.reminders import Reminder
    from vedette.handling.retries import Drop, Retries, Retry
    from vedette.notify import Message

_HOMES = {
    "AccessDenied": "vedette.handling.access.errors",
    "Change": "vedette.api",
    "Context": "vedette.handling.context",
    "Drop": "vedette.handling.retries",
    "Event": "vedette.events",
    "Message": "vedette.notify",
    "Notify": "vedette.handling.access.notifying",
    "Reminder": "vedette.handling.reminders",
    "Retries": "vedette.handling.retries",
    "Retry": "vedette.handling.retries",
    "Sentry": "vedette.api",
    "every": "vedette.handling.every",
    "on": "vedette.handling.decorator",
    "provide": "vedette.handling.providers",
}

__all__ = [
    "AccessDenied",
    "Change",
    "Context",
    "Drop",
    "Event",
    "Message",
    "Notify",
    "Reminder",
    "Retries",
    "Retry",
    "Sentry",
    "every",
    "on",
    "provide",
]

__getattr__ = on_first_use(__name__, _HOMES)
