"""`{ notify = "ops", title = "{{ issue.short_id }}: {{ issue.title }}" }`."""

from typing import ClassVar, Literal

from pydantic import Field

from vedette.notify.message import Message
from vedette.rules.actions.base import Action, Work
from vedette.rules.actions.texts import Template, rendered

_COLOURS: dict[str, Literal["grey", "green", "yellow", "red"]] = {"fatal": "red", "error": "red", "warning": "yellow"}


class Notify(Action):
    """Tell a channel of the settings about the issue, once for each delivery; what is told of one issue is a thread."""

    kind: ClassVar[str] = "notify"

    notify: str = Field(min_length=1)
    """The channel's name, as in vedette.toml."""
    title: Template = "{{ issue.short_id }}: {{ issue.title }}"
    text: Template | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """Only the issue is read."""
        return ("event:read",)

    @property
    def cost(self) -> int:
        """Nothing is asked of Sentry."""
        return 0

    def describe(self) -> str:
        """What it does."""
        return f"tell {self.notify}"

    async def do(self, work: Work) -> None:
        """Do it."""
        message = Message(
            rendered(self.title, work),
            "" if self.text is None else rendered(self.text, work),
            url=work.issue.permalink,
            colour="green" if work.issue.status == "resolved" else _COLOURS.get(work.issue.level, "grey"),
            thread=f"issue:{work.issue.id}",
        )
        if work.notify is None:
            work.note(f"nothing can be told to {self.notify} here")
            return
        await work.notify(self.notify, message)
