"""Defines `{ review = true }` and `{ unresolve = true }`."""

from typing import ClassVar, Literal

from vedette.rules.actions.base import Action, ActionContext, Intent
from vedette.search import Facts


class ReviewAction(Action):
    """Mark the issue as reviewed."""

    kind: ClassVar[str] = "review"

    review: Literal[True]

    def describe(self) -> str:
        """Describe the action in the imperative."""
        return "mark as reviewed"

    def intends(self, facts: Facts) -> Intent:
        """Return the state that it leads to."""
        del facts
        return Intent(reviewed=True)

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        context.record(await context.sentry.issues.mark_reviewed(context.issue))


class UnresolveAction(Action):
    """Reopen a resolved or archived issue."""

    kind: ClassVar[str] = "unresolve"

    unresolve: Literal[True]

    def describe(self) -> str:
        """Describe the action in the imperative."""
        return "reopen"

    def intends(self, facts: Facts) -> Intent:
        """Return the state that it leads to."""
        del facts
        return Intent(status="unresolved")

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        context.record(await context.sentry.issues.unresolve(context.issue))
