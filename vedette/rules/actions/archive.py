"""Defines `{ archive = "until escalating" }`: also `forever`, for a duration, or until a number of events or users."""

from typing import ClassVar, Final, Self

from pydantic import Field, field_validator, model_validator

from vedette._core.durations import UnreadableDurationError, parse_duration
from vedette.api.issue_update import LONGEST_WINDOW
from vedette.rules.actions.base import Action, ActionContext, Intent
from vedette.search import Facts

_UNTIL_ESCALATING: Final = "until escalating"
_FOREVER: Final = "forever"
_UNTIL: Final = "until"
_MINUTE: Final = 60
_LONGEST: Final = 365 * 24 * 60
"""Minutes for which an issue can be archived."""


class ArchiveAction(Action):
    """Archive the issue. An archived issue is unchanged."""

    kind: ClassVar[str] = "archive"

    archive: str
    """`until escalating`, `forever`, a duration such as `7d`, or `until` with the conditions below."""
    events: int | None = Field(default=None, ge=1)
    """The number of further events that ends the archival."""
    users: int | None = Field(default=None, ge=1)
    """The number of further affected users that ends the archival."""
    within: str | None = None
    """The time span in which the events or users are counted, a week at most."""

    @field_validator("archive")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in {_UNTIL_ESCALATING, _FOREVER, _UNTIL}:
            try:
                if _minutes(value) > _LONGEST:
                    raise ValueError('a year at most, such as "7d"; or "forever"')
            except UnreadableDurationError:
                expected = (
                    f'"{_UNTIL_ESCALATING}", "{_FOREVER}", a time such as "7d", or "{_UNTIL}" with events or users'
                )
                raise ValueError(expected) from None
        return value

    @field_validator("within")
    @classmethod
    def _short(cls, value: str | None) -> str | None:
        if value is not None and _minutes(value) > LONGEST_WINDOW:
            raise ValueError("a week at most, `7d`")
        return value

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        has_condition = self.events is not None or self.users is not None
        if (self.archive == _UNTIL) != has_condition:
            raise ValueError(f'`events` or `users` together with archive = "{_UNTIL}", and neither alone')
        if self.within is not None and not has_condition:
            raise ValueError("`within` together with `events` or `users`")
        return self

    def describe(self) -> str:
        """Describe the action in the imperative."""
        if self.archive in {_UNTIL_ESCALATING, _FOREVER}:
            return "archive forever" if self.archive == _FOREVER else "archive until it escalates"
        if self.archive != _UNTIL:
            return f"archive for {self.archive}"
        counts = [(self.events, "more events"), (self.users, "more users")]
        within = f" within {self.within}" if self.within else ""
        return "archive until " + " or ".join(f"{count} {noun}{within}" for count, noun in counts if count)

    def intends(self, facts: Facts) -> Intent:
        """Return the state that it leads to."""
        del facts
        kinds = {_UNTIL_ESCALATING: "archived_until_escalating", _FOREVER: "archived_forever"}
        return Intent(status="ignored", substatus=kinds.get(self.archive, "archived_until_condition_met"))

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        if context.issue.status == "ignored":
            context.note(f"{context.issue.label} is archived already")
            return
        within = None if self.within is None else _minutes(self.within)
        is_time = self.archive not in {_UNTIL_ESCALATING, _FOREVER, _UNTIL}
        context.record(
            await context.sentry.issues.archive(
                context.issue,
                forever=self.archive == _FOREVER,
                minutes=_minutes(self.archive) if is_time else None,
                events=self.events,
                events_within_minutes=within if self.events else None,
                users=self.users,
                users_within_minutes=within if self.users else None,
            )
        )


def _minutes(text: str) -> int:
    """Return a duration in whole minutes, at least one."""
    return max(1, round(parse_duration(text) / _MINUTE))
