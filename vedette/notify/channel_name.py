"""The type of a setting that names a channel, so that an unknown name is found when a worker starts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field

from vedette._core.json_values import mapping_of, values_of


@dataclass(frozen=True)
class NamesChannel:
    """A marker of fields that hold a channel's name."""


ChannelName = Annotated[str, Field(min_length=1), NamesChannel()]
"""A channel's name, for the settings of handlers: `to: ChannelName`."""


def channels_named(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield each place of an author's settings that names a channel, such as `send.to`, and the name.

    Args:
        value: A model, or a field's value.
        place: The dotted path of the value.
    """
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            found: object = getattr(value, name)
            below = f"{place}.{name}".lstrip(".")
            if isinstance(found, str) and any(isinstance(each, NamesChannel) for each in field.metadata):
                yield below, found
            else:
                yield from channels_named(found, below)
    elif isinstance(value, Mapping):
        for inner in mapping_of(value).values():
            yield from channels_named(inner, place)
    elif isinstance(value, list | tuple):
        for inner in values_of(value):
            yield from channels_named(inner, place)
