"""Comments once on an issue with the runbook that a search selects."""

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
    """A runbook for some issues."""

    text: TemplateOrNothing = ""
    """Markdown, with `{{ issue.title }}` and the like."""
    url: AddressOrNothing = ""
    """Its address, a template too."""

    @model_validator(mode="after")
    def _says_something(self) -> "Runbook":
        if not self.text and not self.url:
            raise ValueError("give `text` or `url`")
        return self


class RunbookSettings(BaseModel):
    """Settings of `runbook`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    runbooks: tuple[Runbook, ...] = Field(min_length=1)
    """The runbooks; the first that matches is used."""


@on("issue.created", "issue.unresolved", needs=("event:write",))
async def runbook(event: Event, sentry: Sentry, ctx: Context, settings: RunbookSettings) -> None:
    """Comment with the first runbook that matches, unless the issue has one."""
    chosen = next((each for each in settings.runbooks if each.matches(event)), None)
    if chosen is None or event.issue_id is None:
        ctx.note("no runbook matches")
        return
    async for comment in sentry.issues.comments(event.issue_id):
        if (comment.text or "").startswith(_HEADING):
            ctx.note("it has its runbook already")
            return
    url = render_address_for_webhook(chosen.url, event, ctx.handler) if chosen.url else ""
    if url is None:
        ctx.note("the address is left out: it is no http or https address")
    text = render_for_webhook(chosen.text, event, ctx.handler, "markdown")
    parts = [f"{_HEADING} {url or ''}".rstrip(), text]
    await sentry.issues.comment(event.issue_id, "\n\n".join(part for part in parts if part))
