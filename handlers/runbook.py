"""Comments once on an issue with what to do about it, chosen by a search."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vedette import Context, Event, EventFilter, Sentry, on
from vedette.rules import (
    AddressOrNothing,
    TemplateOrNothing,
    render_address_for_webhook,
    render_for_webhook,
)

_HEADING = "**Runbook**"


class Runbook(EventFilter):
    """What to do about some issues."""

    text: TemplateOrNothing = ""
    """Markdown, with `{{ issue.title }}` and the like."""
    url: AddressOrNothing = ""
    """Where it stands; filled in the same way."""

    @model_validator(mode="after")
    def _says_something(self) -> "Runbook":
        if not self.text and not self.url:
            raise ValueError("give `text` or `url`")
        return self


class RunbookSettings(BaseModel):
    """Settings of `runbook`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    runbooks: tuple[Runbook, ...] = Field(min_length=1)
    """The first that fits is the one."""


@on("issue.created", "issue.unresolved", needs=("event:write",))
async def runbook(event: Event, sentry: Sentry, ctx: Context, settings: RunbookSettings) -> None:
    """Comment with the first runbook that fits, unless the issue has one."""
    chosen = next((each for each in settings.runbooks if each.matches(event)), None)
    if chosen is None or event.issue_id is None:
        ctx.note("no runbook fits")
        return
    async for comment in sentry.issues.comments(event.issue_id):
        if (comment.text or "").startswith(_HEADING):
            ctx.note("it has its runbook already")
            return
    url = render_address_for_webhook(chosen.url, event, ctx.handler) if chosen.url else ""
    if url is None:
        ctx.note("its address is left out, as it is none with http or https")
    text = render_for_webhook(chosen.text, event, ctx.handler, "markdown")
    parts = [f"{_HEADING} {url or ''}".rstrip(), text]
    await sentry.issues.comment(event.issue_id, "\n\n".join(part for part in parts if part))
