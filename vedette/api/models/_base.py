"""The base of all models of Sentry's answers: nothing breaks when Sentry adds a field or a value."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel


def _read_date(value: Any) -> Any:
    return None if value == "" else value


Date = Annotated[datetime | None, BeforeValidator(_read_date)]
"""A moment in UTC; None where Sentry has none."""


def _read_id(value: Any) -> Any:
    if isinstance(value, bool | float) or value == "":
        raise ValueError("an id is a text or a whole number")
    return value


Id = Annotated[str, BeforeValidator(_read_id)]
"""An id: a text, or a whole number as text; a NaN or a fraction is none."""


class SentryModel(BaseModel):
    """An object of Sentry's Web API.

    Unknown fields are kept (`model_extra`), values of Sentry's enumerations are plain strings, ids are strings even
    where Sentry sends a number, and names are the Python spelling of Sentry's: `shortId` is `short_id`.
    """

    model_config = ConfigDict(
        extra="allow",
        alias_generator=to_camel,
        populate_by_name=True,
        coerce_numbers_to_str=True,
        frozen=True,
        protected_namespaces=(),
    )
