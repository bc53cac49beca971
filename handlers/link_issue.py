"""Creates an item in GitHub, Jira or another tracker that is installed in Sentry, and links it; or links a given one.

Sentry creates and links the item itself, with the permissions of its own integration, so Vedette needs no access to the
tracker. The issue is read first: when it has a linked item nothing is created, so a repeated delivery does no harm.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from vedette import Context, Event, EventFilter, Sentry, on
from vedette.rules import Template, TemplateOrNothing, render_for_webhook

Scalar = str | int | bool | list[str]


class LinkSettings(EventFilter):
    """Settings of `link_issue`."""

    when: str = Field(min_length=1)
    """The issues, as a search; there is no default, since each match creates an item."""
    integration: str = Field(pattern=r"^\d+$")
    """The id of the tracker's integration in Sentry."""
    title: Template = "{{ issue.title }}"
    """The item's title."""
    description: TemplateOrNothing = "{{ issue.url }}\n\nFirst seen in {{ issue.culprit }}."
    """The item's text."""
    fields: dict[str, Scalar] = Field(default_factory=dict[str, Scalar])
    """Further fields of the tracker's form, by their names there, such as `repo`."""
    link_to: str = ""
    """An existing item, by its name in the tracker; when given, nothing is created."""


class _Links(BaseModel):
    """The fields that `expand=integrationIssues` adds to an issue."""

    model_config = ConfigDict(extra="ignore")

    integrationIssues: list[dict[str, Any]] = []  # noqa: N815 - Sentry's name


@on("issue.created", "issue.unresolved", needs=("event:write",))
async def link_issue(event: Event, sentry: Sentry, ctx: Context, settings: LinkSettings) -> None:
    """Link an item of a tracker to the issue, unless one is linked."""
    if event.issue_id is None or not settings.matches(event):
        ctx.note("the search does not fit")
        return
    issue = await sentry.issues.get(event.issue_id, expand=["integrationIssues"])
    linked = _Links.model_validate(issue.model_extra or {}).integrationIssues
    if linked:
        ctx.note(f"it is linked to {linked[0].get('displayName') or linked[0].get('key') or 'an item'} already")
    elif settings.link_to:
        await sentry.issues.link_tracker(issue, settings.integration, settings.link_to)
    else:
        # Trackers show titles as plain text, and descriptions as Markdown.
        title = render_for_webhook(settings.title, event, ctx.handler)
        description = render_for_webhook(settings.description, event, ctx.handler, "markdown")
        await sentry.issues.create_in_tracker(
            issue, settings.integration, title=" ".join(title.split()), description=description, **settings.fields
        )
