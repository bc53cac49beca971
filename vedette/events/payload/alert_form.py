"""Reads the form that an operator fills in when choosing the integration as an alert's action."""

from collections.abc import Iterable
from typing import Any

from vedette.events.payload.fields import Maybe, Payload


class Setting(Payload):
    """One field of the form."""

    name: Maybe[str]
    value: Any = None
    label: Maybe[str]
    """The text that the form showed for the value."""


def by_name(settings: Iterable[Setting]) -> dict[str, Any]:
    """Values of the form by name of the field."""
    return {setting.name: setting.value for setting in settings if setting.name is not None}
