"""Defines `{ priority = "high" }`."""

from typing import ClassVar, Literal

from vedette.rules.actions.base import Action, ActionContext, Intent
from vedette.search import Facts


class PriorityAction(Action):
    """Set the issue's priority; from then on Sentry no longer adjusts it automatically."""

    kind: ClassVar[str] = "priority"

    priority: Literal["low", "medium", "high"]

    def describe(self) -> str:
        """Describe the action in the imperative."""
        return f"set priority {self.priority}"

    def intends(self, facts: Facts) -> Intent:
        """Return the state that it leads to."""
        del facts
        return Intent(priority=self.priority)

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        context.record(await context.sentry.issues.set_priority(context.issue, self.priority))
