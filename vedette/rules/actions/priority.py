"""`{ priority = "high" }`."""

from typing import ClassVar, Literal

from vedette.rules.actions.base import Action, ActionContext, Intent
from vedette.search import Facts


class PriorityAction(Action):
    """Set the issue's priority; from then on Sentry no longer adjusts it by itself."""

    kind: ClassVar[str] = "priority"

    priority: Literal["low", "medium", "high"]

    def describe(self) -> str:
        """What it does."""
        return f"set priority {self.priority}"

    def intends(self, facts: Facts) -> Intent:
        """What it leads to."""
        del facts
        return Intent(priority=self.priority)

    async def do(self, work: ActionContext) -> None:
        """Do it."""
        work.changed(await work.sentry.issues.set_priority(work.issue, self.priority))
