"""Defines `{ later = "30m", if = "is:unassigned", then = [{ assign = "#on-call" }] }`."""

from typing import Any, ClassVar, Final, Self

from pydantic import Field, field_validator

from vedette._core.durations import UnreadableDurationError, parse_duration
from vedette.rules.actions.base import Action, ActionContext
from vedette.search import Query

LONGEST_DURATION: Final = 365 * 86_400.0
"""The longest time, in seconds, that an action can be deferred by."""


class LaterAction(Action):
    """Defer actions: after some time, check the issue again and execute them if the condition is true."""

    kind: ClassVar[str] = "later"

    later: str
    """The duration from now: `30m`, `2h`, `1d`."""
    if_: str = Field(default="", alias="if")
    """The condition that the issue has to match then, as a search; none unless given."""
    then: list[dict[str, Any]] = Field(min_length=1)
    """The deferred actions."""
    _query: Query | None = None
    _actions: tuple[Action, ...] = ()

    @field_validator("later")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            found = parse_duration(value)
        except UnreadableDurationError:
            raise ValueError('a time such as "30m", "1h" or "7d"') from None
        if found > LONGEST_DURATION:
            raise ValueError('a year at most, such as "30m", "1h" or "7d"')
        return value

    def with_parts(self, query: Query | None, actions: tuple[Action, ...]) -> Self:
        """Return the action with its condition and its deferred actions."""
        made = self.model_copy()
        made.__pydantic_private__ = {"_query": query, "_actions": actions}
        return made

    @property
    def query(self) -> Query | None:
        """The condition that the issue has to match then."""
        return self._query

    @property
    def actions(self) -> tuple[Action, ...]:
        """The deferred actions."""
        return self._actions

    @property
    def needs(self) -> tuple[str, ...]:
        """The scopes of the deferred actions."""
        return tuple(sorted({scope for action in self._actions for scope in action.needs}))

    @property
    def cost(self) -> int:
        """The calls of the deferred actions, and the one that reads the issue again."""
        return 1 + sum(action.cost for action in self._actions)

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the deferred actions."""
        return tuple(file for action in self._actions for file in action.files)

    def describe(self) -> str:
        """Describe the action in the imperative."""
        condition = f" if {self.if_}" if self.if_ else ""
        return f"after {self.later}{condition}: {', '.join(action.describe() for action in self._actions)}"

    async def execute(self, context: ActionContext) -> None:
        """Defer the actions."""
        if context.defer is None:
            context.note(f"actions cannot be deferred here: {self.describe()}")
            return
        await context.defer(self)
        context.note(self.describe())
