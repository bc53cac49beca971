"""`{ link = "https://tickets.example/{{ issue.short_id }}", project = "tickets" }`."""

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
    """What the item belongs to; shown before the identifier."""
    identifier: Template = Field(default="{{ issue.short_id }}")
    """What the item is called."""

    @property
    def cost(self) -> int:
        """The links are read before."""
        return 2

    def describe(self) -> str:
        """What it does."""
        return f"link {self.link}"

    async def do(self, work: ActionContext) -> None:
        """Do it."""
        url = rendered_address(self.link, work)
        if url is None:
            work.note(f"nothing was linked: {rendered(self.link, work)} is no address with http or https")
        elif work.event.installation is None:
            work.note(f"{work.event.name} does not name the integration's installation, so nothing can be linked")
        elif any(link.web_url == url for link in await work.sentry.issues.external_issues(work.issue)):
            work.note(f"{url} is linked to {work.issue.label} already")
        else:
            await work.sentry.apps.link_issue(
                work.event.installation,
                work.issue,
                url=url,
                project=rendered(self.project, work),
                identifier=rendered(self.identifier, work),
            )
