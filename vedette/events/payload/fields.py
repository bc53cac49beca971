"""Defines field types that never refuse a payload.

Sentry adds, drops and retypes keys without notice, and its own servers span years. One field that is not as expected
must not make the rest unreadable: it falls back to None (or to an empty list or object), and the raw value stays
reachable through `event.raw`. Falling back is done inside the validator's core, so it costs next to nothing.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, OnErrorOmit
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

from vedette._core.json_values import json_list, json_object
from vedette.events.identifiers import identifier

T = TypeVar("T")


class Payload(BaseModel):
    """Base of all payload models: frozen, and every unknown key is kept in `model_extra`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        # Payloads carry people's data and, unknown to us, maybe secrets: show the short known values alone.
        for name, field in type(self).model_fields.items():
            value: object = getattr(self, name)
            if field.repr and name in self.model_fields_set and not isinstance(value, list | dict):
                yield name, value


class CamelPayload(Payload):
    """Base of models with camelCase keys in JSON; attributes are snake_case."""

    model_config = ConfigDict(alias_generator=to_camel)


class _FallsBack:
    """Annotation: a value that does not validate becomes `make()`, or an empty object of the field's own type."""

    def __init__(self, make: Callable[[], object] | None = None) -> None:
        self._make = make

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Wrap the field's own schema."""
        make = self._make or source
        return core_schema.with_default_schema(handler(source), default_factory=make, on_error="default")


def _nothing() -> None:
    return None


def _as_identifier(value: object) -> str:
    text = identifier(value)
    if text is None:
        raise ValueError
    return text


def _as_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:  # the first or last hours of the calendar
        raise ValueError from None


def _as_items(value: object) -> object:
    """Unwrap the list of a stored event: `{"values": [...]}`."""
    return json_object(value).get("values") if isinstance(value, dict) else value


def _as_tags(value: object) -> dict[str, str]:
    """Read tags: pairs in stored events, `{"key": ..., "value": ...}` in Sentry's API."""
    pairs: Iterable[object] = json_list(value)
    tags: dict[str, str] = {}
    for pair in pairs:
        match pair:
            case [str(key), str(text)] | {"key": str(key), "value": str(text)}:
                tags[key] = text
            case _:
                continue
    return tags


Maybe = Annotated[T | None, _FallsBack(_nothing), Field(default=None)]
"""A value, or None when it is absent, null, or not of this type."""

Part = Annotated[T, _FallsBack()]
"""A model with optional fields only; an empty one if it is absent or not an object."""

Items = Annotated[list[OnErrorOmit[T]], _FallsBack(list), Field(default_factory=list)]
"""A list without the items that are not of this type; empty when absent or not a list."""

Values = Annotated[list[OnErrorOmit[T]], BeforeValidator(_as_items), _FallsBack(list), Field(default_factory=list)]
"""Like `Items`, for lists that Sentry wraps in `{"values": [...]}`."""

Object = Annotated[dict[str, Any], _FallsBack(dict), Field(default_factory=dict)]
"""A JSON object passed through as it came; empty when absent or not an object."""

Tags = Annotated[dict[str, str], BeforeValidator(_as_tags), Field(default_factory=dict)]
"""Tags by key; empty when absent."""

Identifier = Annotated[str, BeforeValidator(_as_identifier)]
"""An id as text, whether Sentry sent text or an integer."""

Timestamp = Annotated[datetime, AfterValidator(_as_utc)]
"""An aware datetime in UTC, from either of the spellings Sentry uses."""
