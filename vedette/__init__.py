"""The library that handler authors import; it knows none of the rooms built on it.

The names are loaded when they are first used, because every part of Vedette passes through here, the receiver too,
which needs neither the API client nor the models.
"""

from typing import TYPE_CHECKING

from vedette._core.lazy_imports import make_lazy_getattr

if TYPE_CHECKING:
    from vedette.access.notifier import Notify
    from vedette.api import Change, Sentry
    from vedette.authoring.context import Context
    from vedette.authoring.decorators import on
    from vedette.authoring.deferral import Reminder
    from vedette.authoring.every import every
    from vedette.authoring.retries import Drop, Retries, Retry
    from vedette.authoring.setting_types import Duration, EventFilter
    from vedette.events import Event
    from vedette.notify import Message
    from vedette.permissions.errors import AccessDenied
    from vedette.plugins.providers import provide
    from vedette.store.access.handler_state import HandlerState

_HOMES = {
    "AccessDenied": "vedette.permissions.errors",
    "Change": "vedette.api",
    "Context": "vedette.authoring.context",
    "Drop": "vedette.authoring.retries",
    "Duration": "vedette.authoring.setting_types",
    "Event": "vedette.events",
    "EventFilter": "vedette.authoring.setting_types",
    "HandlerState": "vedette.store.access.handler_state",
    "Message": "vedette.notify",
    "Notify": "vedette.access.notifier",
    "Reminder": "vedette.authoring.deferral",
    "Retries": "vedette.authoring.retries",
    "Retry": "vedette.authoring.retries",
    "Sentry": "vedette.api",
    "every": "vedette.authoring.every",
    "on": "vedette.authoring.decorators",
    "provide": "vedette.plugins.providers",
}

__all__ = [
    "AccessDenied",
    "Change",
    "Context",
    "Drop",
    "Duration",
    "Event",
    "EventFilter",
    "HandlerState",
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

__getattr__ = make_lazy_getattr(__name__, _HOMES)
