"""The verdict of Sentry on an event query that is not run."""

from pydantic import Field

from vedette.api.models._base import SentryModel


class QueryFinding(SentryModel):
    """The verdict on one part of an event query."""

    valid: bool = False
    error: str | None = None
    name: str | None = None
    """The field that it is about; None for a whole part."""
    attr_type: str | None = None
    """`string`, `number`, `boolean` or `array`; None if not valid."""


class WholeQueryFinding(QueryFinding):
    """The verdict on the search of an event query, and on each field in it."""

    fields: list[QueryFinding] = Field(default_factory=list[QueryFinding])


class QueryValidation(SentryModel):
    """The verdict on an event query, in its parts."""

    valid: bool
    projects: list[QueryFinding] = Field(default_factory=list[QueryFinding])
    dataset: list[QueryFinding] = Field(default_factory=list[QueryFinding])
    environment: list[QueryFinding] = Field(default_factory=list[QueryFinding])
    field: list[QueryFinding] = Field(default_factory=list[QueryFinding])
    query: WholeQueryFinding | list[QueryFinding] | None = None
    """A list on servers from before the middle of 2026."""
    orderby: list[QueryFinding] = Field(default_factory=list[QueryFinding])

    @property
    def errors(self) -> list[str]:
        """Everything that is wrong, a sentence each."""
        whole = self.query
        parts = [] if whole is None else whole if isinstance(whole, list) else [whole, *whole.fields]
        found = [*self.projects, *self.dataset, *self.environment, *self.field, *parts, *self.orderby]
        return [f"{each.name}: {each.error}" if each.name else each.error for each in found if each.error]
