"""Defines `{ link = "https://tickets.example/{{ issue.short_id }}", project = "tickets" }`."""

from typing import ClassVar

from pydantic import Field

from vedette.rules.actions.base import Action, ActionContext
from vedette.rules.actions.template_fields import AddressTemplate, Template, rendered, rendered_address


class LinkAction(Action):
    """Link an item of another system to the issue; Sentry keeps one such link for each integration and issue."""

    kind: ClassVar[str] = "link"

    link: AddressTemplate
    """The item's address."""
    project: Template = Field(default="vedette")
    """The project of the item; shown before the identifier."""
    identifier: Template = Field(default="{{ issue.short_id }}")
    """The name of the item."""

    @property
    def cost(self) -> int:
        """Includes reading the links."""
        return 2

    def describe(self) -> str:
        """Describe the action in the imperative."""
        return f"link {self.link}"

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        url = rendered_address(self.link, context)
        if url is None:
            context.note(f"nothing was linked: {rendered(self.link, context)} is no address with http or https")
        elif context.event.installation is None:
            context.note(f"{context.event.name} does not name the integration's installation, so nothing can be linked")
        elif any(link.web_url == url for link in await context.sentry.issues.external_issues(context.issue)):
            context.note(f"{url} is linked to {context.issue.label} already")
        else:
            await context.sentry.apps.link_issue(
                context.event.installation,
                context.issue,
                url=url,
                project=rendered(self.project, context),
                identifier=rendered(self.identifier, context),
            )
