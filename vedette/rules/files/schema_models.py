"""A rule as it is written in a file; what it says is checked here, where it stands is found by `reading`."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, field_validator

from vedette._core.durations import UnreadableDurationError, seconds
from vedette.authoring.cron import UnusableCronError, make_cron
from vedette.authoring.event_patterns import UnknownPatternError, check_pattern
from vedette.events.catalog import known_names
from vedette.settings.settings import Mode

MOST: Final = 100
"""How many issues a rule that runs by the clock works on each time, unless it says otherwise."""
SHORTEST_DURATION: Final = 1.0
"""Seconds; a shorter cooldown would be over before its rule has worked on the issue."""
LONGEST_DURATION: Final = 365 * 86_400.0
"""Seconds; what is remembered for longer outlives the rule that asked for it."""
_KNOWN = frozenset(known_names())


def _duration(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError('a time such as "30m", "1h" or "7d"')  # noqa: TRY004 - pydantic takes ValueError
    try:
        found = seconds(value)
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
    """One rule: which events, what they must be like, and what is done then."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    name: str = Field(min_length=1, max_length=100)
    """What people call it; in logs, in the audit and in reports. No two rules have the same."""
    on: str | list[str] = Field(default_factory=list[str])
    """For which events: names such as `issue.created`, all of a resource (`issue.*`), or `*`."""
    when: str = ""
    """What the event must be like, in Sentry's search syntax; whatever it is like, unless given."""
    then: list[dict[str, Any]] = Field(min_length=1)
    """What is done, in order."""
    projects: str | list[str] = Field(default_factory=list[str])
    """Slugs of the projects that it is for, where `*` stands for any letters; all, unless given."""
    mode: Mode | None = None
    """What its writes become, where that is more careful than what the handler's become."""
    stop: bool = False
    """Whether the rules after it are left out where it matches."""
    cooldown: Duration | None = None
    """For how long it leaves an issue alone once it has worked on it."""
    schedule: str | None = None
    """Instead of `on`: when it runs by the clock, as a cron expression such as `0 6 * * *`."""
    timezone: str | None = None
    """With `schedule`: where that is the time, such as `Europe/Berlin`; UTC unless given."""
    search: str | None = None
    """With `schedule`: the issues that it is for then, as a search in Sentry's list of issues."""
    most: int | None = Field(default=None, ge=1, le=1000)
    """With `schedule`: how many issues it works on each time, 1 to 1000; 100 unless given."""

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
    """One text or several, as several."""
    return (value,) if isinstance(value, str) else tuple(value)
