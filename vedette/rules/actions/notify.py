"""`{ notify = "ops", title = "{{ issue.short_id }}: {{ issue.title }}" }`."""

from typing import ClassVar, Final, Literal

from pydantic import Field

from vedette.notify.message import Message
from vedette.rules.actions.base import Action, ActionContext, EventActionContext
from vedette.rules.actions.template_fields import Template, rendered, rendered_of_event

_TITLE: Final = "{{ issue.short_id }}: {{ issue.title }}"
_COLOURS: dict[str, Literal["grey", "green", "yellow", "red"]] = {"fatal": "red", "error": "red", "warning": "yellow"}


class NotifyAction(Action):
    """Tell a channel of the settings about the issue, once for each delivery; what is told of one issue is a thread."""

    kind: ClassVar[str] = "notify"
    needs_issue: ClassVar[bool] = False

    notify: str = Field(min_length=1)
    """The channel's name, as in vedette.toml."""
    title: Template | None = None
    """The issue's short id and title, or those of an event that is about no issue, unless given."""
    text: Template | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """Only the issue is read."""
        return ("event:read",)

    @property
    def cost(self) -> int:
        """Nothing is asked of Sentry."""
        return 0

    @property
    def channels(self) -> tuple[str, ...]:
        """The one that is told."""
        return (self.notify,)

    def describe(self) -> str:
        """What it does."""
        return f"tell {self.notify}"

    async def do(self, work: ActionContext) -> None:
        """Do it."""
        message = Message(
            rendered(self.title or _TITLE, work),
            "" if self.text is None else rendered(self.text, work),
            url=work.issue.permalink,
            colour="green" if work.issue.status == "resolved" else _COLOURS.get(work.issue.level, "grey"),
            thread=f"issue:{work.issue.id}",
        )
        if work.notify is None:
            work.note(f"nothing can be told to {self.notify} here")
            return
        await work.notify(self.notify, message)

    async def do_without_issue(self, work: EventActionContext) -> None:
        """Do it for an event that is about no issue."""
        event = work.event
        message = Message(
            ("" if self.title is None else rendered_of_event(self.title, event, work.rule))
            or event.title
            or event.name,
            "" if self.text is None else rendered_of_event(self.text, event, work.rule),
            url=event.web_url,
            colour=_COLOURS.get(event.level or "", "grey"),
            thread=event.subject or "",
        )
        if work.notify is None:
            work.note(f"nothing can be told to {self.notify} here")
            return
        await work.notify(self.notify, message)
