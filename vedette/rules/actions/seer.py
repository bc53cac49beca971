"""Defines `{ seer = "fix" }`."""

from typing import ClassVar, Literal

from vedette.rules.actions.base import Action, ActionContext
from vedette.rules.actions.template_fields import Template, rendered

_LONGEST = 1000


class SeerAction(Action):
    """Start Seer on a fix. An issue that it has worked on is skipped. Experimental on Sentry's side."""

    kind: ClassVar[str] = "seer"

    seer: Literal["fix"]
    context: Template | None = None
    """Additional instructions for Seer."""

    @property
    def cost(self) -> int:
        """Includes reading the state of its work."""
        return 2

    def describe(self) -> str:
        """Describe the action in the imperative."""
        return "start Seer on a fix"

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        if (await context.sentry.issues.autofix(context.issue)).autofix is not None:
            context.note(f"Seer has worked on {context.issue.label} already")
            return
        instructions = None if self.context is None else rendered(self.context, context)[:_LONGEST]
        await context.sentry.issues.start_autofix(context.issue, context=instructions)
