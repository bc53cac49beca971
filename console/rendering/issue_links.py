"""Links to issues in Sentry's web interface, for terminals that can open them (OSC 8)."""

from rich.style import Style
from rich.text import Text

from console.rendering.terminal import inert
from vedette.settings.settings import Settings


class IssueLinks:
    """Names of issues, as links where the integration's organization is known."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Prepare.

        Args:
            settings: The settings with the integrations; without them, no name is a link.
        """
        self._integrations = {} if settings is None else dict(settings.integrations)

    def text(self, label: str, *, integration: str, issue: str | None, style: str = "") -> Text:
        """Return the name of an issue.

        Args:
            label: The name that people use, such as `SHOP-4K`.
            integration: The integration of its delivery.
            issue: Its id; None if that is not known.
            style: The style of the text.
        """
        url = self.url(integration, issue)
        return inert(label, Style.parse(style) + Style(link=url) if url else style)

    def url(self, integration: str, issue: str | None) -> str:
        """Return the address of an issue's page; empty if it is not known."""
        found = self._integrations.get(integration)
        # An id comes from a payload: only digits become part of a link.
        if found is None or found.organization is None or not (issue or "").isdecimal() or not (issue or "").isascii():
            return ""
        return f"{found.sentry_url.rstrip('/')}/organizations/{found.organization}/issues/{issue}/"
