"""`{ later = "30m", if = "is:unassigned", then = [{ assign = "#on-call" }] }`."""

from typing import Any, ClassVar, Final, Self

from pydantic import Field, field_validator

from vedette._core.durations import UnreadableDurationError, seconds
from vedette.rules.actions.base import Action, ActionContext
from vedette.search import Query

LONGEST_DURATION: Final = 365 * 86_400.0
"""Seconds that something can be put off."""


class LaterAction(Action):
    """Look at the issue again when some time has passed, and do more where it still, or by then, is so."""

    kind: ClassVar[str] = "later"

    later: str
    """How long from now: `30m`, `2h`, `1d`."""
    if_: str = Field(default="", alias="if")
    """What it must be like then, as a search; whatever it is like, unless given."""
    then: list[dict[str, Any]] = Field(min_length=1)
    """What is done then."""
    _query: Query | None = None
    _actions: tuple[Action, ...] = ()

    @field_validator("later")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            found = seconds(value)
        except UnreadableDurationError:
            raise ValueError('a time such as "30m", "1h" or "7d"') from None
        if found > LONGEST_DURATION:
            raise ValueError('a year at most, such as "30m", "1h" or "7d"')
        return value

    def with_parts(self, query: Query | None, actions: tuple[Action, ...]) -> Self:
        """The action with its parts read."""
        made = self.model_copy()
        made.__pydantic_private__ = {"_query": query, "_actions": actions}
        return made

    @property
    def query(self) -> Query | None:
        """What the issue must be like then."""
        return self._query

    @property
    def actions(self) -> tuple[Action, ...]:
        """What is done then."""
        return self._actions

    @property
    def needs(self) -> tuple[str, ...]:
        """Those of what is done then."""
        return tuple(sorted({scope for action in self._actions for scope in action.needs}))

    @property
    def cost(self) -> int:
        """The issue is read again."""
        return 1 + sum(action.cost for action in self._actions)

    @property
    def files(self) -> tuple[str, ...]:
        """Those of what is done then."""
        return tuple(file for action in self._actions for file in action.files)

    def describe(self) -> str:
        """What it does."""
        condition = f" if {self.if_}" if self.if_ else ""
        return f"after {self.later}{condition}: {', '.join(action.describe() for action in self._actions)}"

    async def do(self, work: ActionContext) -> None:
        """Put it off."""
        if work.put_off is None:
            work.note(f"nothing can be put off here: {self.describe()}")
            return
        await work.put_off(self)
        work.note(self.describe())
