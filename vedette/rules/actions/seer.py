"""`{ seer = "fix" }`."""

from typing import ClassVar, Literal

from vedette.rules.actions.base import Action, ActionContext
from vedette.rules.actions.template_fields import Template, rendered

_LONGEST = 1000


class SeerAction(Action):
    """Set Seer to work on a fix. An issue that it has worked on is left alone. Experimental on Sentry's side."""

    kind: ClassVar[str] = "seer"

    seer: Literal["fix"]
    context: Template | None = None
    """What it should know besides."""

    @property
    def cost(self) -> int:
        """Its state is read before."""
        return 2

    def describe(self) -> str:
        """What it does."""
        return "set SeerAction to work on a fix"

    async def do(self, work: ActionContext) -> None:
        """Do it."""
        if (await work.sentry.issues.autofix(work.issue)).autofix is not None:
            work.note(f"Seer has worked on {work.issue.label} already")
            return
        context = None if self.context is None else rendered(self.context, work)[:_LONGEST]
        await work.sentry.issues.start_autofix(work.issue, context=context)
