"""Webhooks of resources that did not exist when this was written."""

from dataclasses import dataclass
from typing import Any

from vedette.events.event import Event


@dataclass(frozen=True, kw_only=True, repr=False)
class GenericEvent(Event):
    """An event of an unknown resource; `data` is the payload's `data` as it came, empty when it is not an object."""

    data: dict[str, Any]
