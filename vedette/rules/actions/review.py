"""`{ review = true }` and `{ unresolve = true }`."""

from typing import ClassVar, Literal

from vedette.rules.actions.base import Action, ActionContext, Intent
from vedette.search import Facts


class ReviewAction(Action):
    """Mark the issue as reviewed."""

    kind: ClassVar[str] = "review"

    review: Literal[True]

    def describe(self) -> str:
        """What it does."""
        return "mark as reviewed"

    def intends(self, facts: Facts) -> Intent:
        """What it leads to."""
        del facts
        return Intent(reviewed=True)

    async def do(self, work: ActionContext) -> None:
        """Do it."""
        work.changed(await work.sentry.issues.mark_reviewed(work.issue))


class UnresolveAction(Action):
    """Reopen the issue, where it is resolved or archived."""

    kind: ClassVar[str] = "unresolve"

    unresolve: Literal[True]

    def describe(self) -> str:
        """What it does."""
        return "reopen"

    def intends(self, facts: Facts) -> Intent:
        """What it leads to."""
        del facts
        return Intent(status="unresolved")

    async def do(self, work: ActionContext) -> None:
        """Do it."""
        work.changed(await work.sentry.issues.unresolve(work.issue))
