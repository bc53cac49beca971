"""Searches in handlers' settings: read when the settings are, so that one that cannot work is told at start."""

from functools import cached_property

from pydantic import BaseModel, ConfigDict, field_validator

from vedette import Event
from vedette.search import Query, Verdict, facts_of, parse


class Chosen(BaseModel):
    """Something that is for some events only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: str = ""
    """A search in Sentry's syntax, answered from the webhook alone; what that does not tell does not fit."""

    @field_validator("when")
    @classmethod
    def _can_be_read(cls, value: str) -> str:
        parse(value, is_strict=True)
        return value

    @cached_property
    def _query(self) -> Query:
        return parse(self.when)

    def fits(self, event: Event) -> bool:
        """Whether an event is one of those."""
        return not self.when.strip() or self._query.evaluate(facts_of(event)) is Verdict.TRUE
