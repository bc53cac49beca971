"""`{ comment = "On call: {{ issue.title }}" }`."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from vedette.rules.actions.base import Action, ActionContext
from vedette.rules.actions.template_fields import Template, rendered

_SAID: timedelta = timedelta(days=1)


class CommentAction(Action):
    """Comment on the issue, in Markdown. The same text is not said again within a day."""

    kind: ClassVar[str] = "comment"

    comment: Template

    @property
    def cost(self) -> int:
        """The comments are read before."""
        return 2

    def describe(self) -> str:
        """What it does."""
        return f'comment "{self.comment}"'

    async def do(self, work: ActionContext) -> None:
        """Do it."""
        text = rendered(self.comment, work, "markdown")
        since = datetime.now(UTC) - _SAID
        async for comment in work.sentry.issues.comments(work.issue):
            if comment.date_created is None or comment.date_created < since:
                break
            if comment.text == text:
                work.note(f"left {work.issue.label} alone: the same comment is there already")
                return
        work.changed(await work.sentry.issues.comment(work.issue, text))
