"""Defines types for the fields of handlers' own settings, which are checked when a worker starts."""

from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, field_validator

from vedette._core.durations import parse_duration
from vedette.events import Event
from vedette.search import Query, Verdict, facts_of, parse


def _check_duration(value: float | str) -> float | str:
    parse_duration(value)
    return value


Duration = Annotated[float | str, AfterValidator(_check_duration)]
"""A time in seconds, or a text such as `"90s"` or `"5m"`; accepted wherever Vedette takes a time."""


class EventFilter(BaseModel):
    """A base class for settings that apply to some events only, chosen by a search.

    A search that cannot be read is refused when the handler is loaded. A subclass adds its own fields:

        class Route(EventFilter):
            to: ChannelName
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: str = ""
    """A search in Sentry's syntax, answered from the webhook alone. Empty matches every event."""

    @field_validator("when")
    @classmethod
    def _check_search(cls, value: str) -> str:
        parse(value, is_strict=True)
        return value

    @cached_property
    def _query(self) -> Query:
        return parse(self.when)

    def matches(self, event: Event) -> bool:
        """Return whether the search matches an event; a key that the payload lacks does not match."""
        return not self.when.strip() or self._query.evaluate(facts_of(event)) is Verdict.TRUE
