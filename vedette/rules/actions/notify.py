"""Defines `{ notify = "ops", title = "{{ issue.short_id }}: {{ issue.title }}" }`."""

from typing import ClassVar, Final, Literal

from pydantic import Field

from vedette.notify.message import Message
from vedette.rules.actions.base import Action, ActionContext, EventActionContext
from vedette.rules.actions.template_fields import Template, rendered, rendered_of_event

_TITLE: Final = "{{ issue.short_id }}: {{ issue.title }}"
_COLOURS: dict[str, Literal["grey", "green", "yellow", "red"]] = {"fatal": "red", "error": "red", "warning": "yellow"}


class NotifyAction(Action):
    """Send a message about the issue to a channel, once for each delivery; messages about one issue form a thread."""

    kind: ClassVar[str] = "notify"
    needs_issue: ClassVar[bool] = False

    notify: str = Field(min_length=1)
    """The channel's name, as in vedette.toml."""
    title: Template | None = None
    """The issue's short id and title, or those of an event that is about no issue, unless given."""
    text: Template | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """Only the scope that reads the issue."""
        return ("event:read",)

    @property
    def cost(self) -> int:
        """No API call is made."""
        return 0

    @property
    def channels(self) -> tuple[str, ...]:
        """The channel of `notify`."""
        return (self.notify,)

    def describe(self) -> str:
        """Describe the action in the imperative."""
        return f"notify {self.notify}"

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        message = Message(
            rendered(self.title or _TITLE, context),
            "" if self.text is None else rendered(self.text, context),
            url=context.issue.permalink,
            colour="green" if context.issue.status == "resolved" else _COLOURS.get(context.issue.level, "grey"),
            thread=f"issue:{context.issue.id}",
        )
        if context.notify is None:
            context.note(f"{self.notify} cannot be notified here")
            return
        await context.notify(self.notify, message)

    async def execute_without_issue(self, context: EventActionContext) -> None:
        """Execute it on an event without an issue."""
        event = context.event
        message = Message(
            ("" if self.title is None else rendered_of_event(self.title, event, context.rule))
            or event.title
            or event.name,
            "" if self.text is None else rendered_of_event(self.text, event, context.rule),
            url=event.web_url,
            colour=_COLOURS.get(event.level or "", "grey"),
            thread=event.subject or "",
        )
        if context.notify is None:
            context.note(f"{self.notify} cannot be notified here")
            return
        await context.notify(self.notify, message)
