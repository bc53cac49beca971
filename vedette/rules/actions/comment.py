"""Defines `{ comment = "On call: {{ issue.title }}" }`."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from vedette.rules.actions.base import Action, ActionContext
from vedette.rules.actions.template_fields import Template, rendered

_REPEAT_AFTER: timedelta = timedelta(days=1)


class CommentAction(Action):
    """Comment on the issue, in Markdown. The same text is not added again within a day."""

    kind: ClassVar[str] = "comment"

    comment: Template

    @property
    def cost(self) -> int:
        """Includes reading the comments."""
        return 2

    def describe(self) -> str:
        """Describe the action in the imperative."""
        return f'comment "{self.comment}"'

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        text = rendered(self.comment, context, "markdown")
        since = datetime.now(UTC) - _REPEAT_AFTER
        async for comment in context.sentry.issues.comments(context.issue):
            if comment.date_created is None or comment.date_created < since:
                break
            if comment.text == text:
                context.note(f"skipped {context.issue.label}: it has the same comment already")
                return
        context.record(await context.sentry.issues.comment(context.issue, text))
