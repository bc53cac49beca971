"""Defines the model of a rule in a file; positions of problems are found by `reader`."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, field_validator

from vedette._core.durations import UnreadableDurationError, parse_duration
from vedette.authoring.cron import UnusableCronError, make_cron
from vedette.authoring.event_patterns import UnknownPatternError, check_pattern
from vedette.events.catalog import known_names
from vedette.settings.settings import Mode

MOST: Final = 100
"""The default for the number of issues that a scheduled rule acts on each time."""
SHORTEST_DURATION: Final = 1.0
"""Seconds; a shorter cooldown would end before the rule has acted on the issue."""
LONGEST_DURATION: Final = 365 * 86_400.0
"""Seconds; a longer cooldown would outlive its rule."""
_KNOWN = frozenset(known_names())


def _duration(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError('a time such as "30m", "1h" or "7d"')  # noqa: TRY004 - pydantic takes ValueError
    try:
        found = parse_duration(value)
    except UnreadableDurationError:
        raise ValueError('a time such as "30m", "1h" or "7d"') from None
    if not SHORTEST_DURATION <= found <= LONGEST_DURATION:
        raise ValueError('a time from a second to a year, such as "30m", "1h" or "7d"')
    return found


Duration = Annotated[
    float,
    BeforeValidator(_duration),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^\d+(\.\d+)?(ms|s|m|h|d|w)$"}, {"type": "number"}]}),
]
"""Seconds, or a text such as `30m`."""


class RuleForm(BaseModel):
    """A rule: events, a condition, and actions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    name: str = Field(min_length=1, max_length=100)
    """The name in logs, in the audit and in reports; unique."""
    on: str | list[str] = Field(default_factory=list[str])
    """The events: names such as `issue.created`, all of a resource (`issue.*`), or `*`."""
    when: str = ""
    """The condition, in Sentry's search syntax; none unless given."""
    then: list[dict[str, Any]] = Field(min_length=1)
    """The actions, in order."""
    projects: str | list[str] = Field(default_factory=list[str])
    """Slugs of projects, in which `*` matches any letters; all projects unless given."""
    mode: Mode | None = None
    """The mode of its writes, where it is stricter than the handler's."""
    stop: bool = False
    """Return whether further rules are skipped where it matches."""
    cooldown: Duration | None = None
    """The time in which it does not act again on the same issue."""
    schedule: str | None = None
    """Instead of `on`: the times it runs at, as a cron expression such as `0 6 * * *`."""
    timezone: str | None = None
    """With `schedule`: its time zone, such as `Europe/Berlin`; UTC unless given."""
    search: str | None = None
    """With `schedule`: the issues that it acts on, as a search in Sentry's list of issues."""
    most: int | None = Field(default=None, ge=1, le=1000)
    """With `schedule`: the largest number of issues it acts on each time, 1 to 1000; 100 unless given."""

    @field_validator("on")
    @classmethod
    def _known_events(cls, value: str | list[str]) -> str | list[str]:
        patterns = [value] if isinstance(value, str) else value
        if not patterns:
            raise ValueError('an event such as "issue.created"')
        for pattern in patterns:
            try:
                check_pattern(pattern, _KNOWN)
            except UnknownPatternError as error:
                hint = str(error).partition(": ")[2].replace("@on(", "").replace(")", "")
                raise ValueError(f'an event such as "issue.created" or "issue.*": {hint}') from None
        return value

    @field_validator("schedule")
    @classmethod
    def _usable_cron(cls, value: str | None) -> str | None:
        return None if value is None else _usable(value, "UTC", value)

    @field_validator("timezone")
    @classmethod
    def _usable_timezone(cls, value: str | None) -> str | None:
        return None if value is None else _usable("0 0 * * *", value, value)


def _usable(expression: str, timezone: str, value: str) -> str:
    try:
        make_cron(expression, timezone)
    except UnusableCronError as error:
        raise ValueError(str(error).rpartition(": write ")[2]) from None
    return value


def listed(value: str | list[str]) -> tuple[str, ...]:
    """Return one or several texts as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)
