"""Reads an issue of Sentry's API for the rules of one run: each part once, and the facts that it answers.

The issue with everything that it can be expanded by is one call, its latest event another.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from vedette._core.json_values import json_object
from vedette.api.errors import BadRequest, Forbidden, NotFound
from vedette.events import ApiEvent
from vedette.events import Issue as EventIssue
from vedette.permissions.errors import AccessDenied
from vedette.search import Facts, facts_of_issue, facts_of_stored_event

if TYPE_CHECKING:
    from vedette.api import Sentry
    from vedette.api.models import Issue, SentryEvent

_EXPAND: Final = ("owners", "inbox", "integrationIssues", "sentryAppIssues")
PERMANENT_REFUSALS: Final = (NotFound, Forbidden, BadRequest, AccessDenied)
"""Errors that the same call would meet again."""


class IssueReader:
    """A reader of one issue and its parts, each at most once."""

    def __init__(self, sentry: "Sentry", issue_id: str) -> None:
        self._sentry = sentry
        self._id = issue_id
        self._issue: Issue | None = None
        self._event: SentryEvent | None = None

    async def issue(self) -> "Issue":
        """Return the issue with owners, inbox and links, as of the first read.

        Raises:
            SentryError: It could not be read.
        """
        if self._issue is None:
            self._issue = await self._sentry.issues.get(self._id, expand=_EXPAND)
        return self._issue

    async def suggested(self) -> list[str]:
        """Return the suggested owners by all available names: the id first, then address, username or slug.

        Raises:
            SentryError: It could not be read.
        """
        found: list[str] = []
        for owner in (await self.issue()).owners or ():
            names: tuple[str, ...] = (owner.owner,)
            with suppress(*PERMANENT_REFUSALS):
                names = await self._sentry.members.identities(owner.owner)
            found += names
        return found

    async def event(self) -> "SentryEvent":
        """Return the latest event.

        Raises:
            SentryError: It could not be read.
        """
        if self._event is None:
            self._event = await self._sentry.events.get_for_issue(self._id)
        return self._event


def facts_of_api_issue(issue: "Issue") -> Facts:
    """Return the facts of an issue of the API, including its expanded parts."""
    raw = issue.model_dump(by_alias=True, exclude_unset=True)
    more: dict[str, object] = {}
    if "inbox" in issue.model_fields_set:
        more["for_review"] = issue.inbox is not None
    if "owners" in issue.model_fields_set:
        more["suggested"] = [owner.owner for owner in issue.owners or ()]
    links = [raw[name] for name in ("integrationIssues", "sentryAppIssues", "annotations") if name in raw]
    if links:
        more["linked"] = any(links)
    release = raw.get("firstRelease", "")
    if release != "":
        more["first_release"] = json_object(release).get("version")
    return facts_of_issue(EventIssue.model_validate(raw)).with_more(more)


def facts_of_api_event(event: "SentryEvent") -> Facts:
    """Return the facts of an event of the API."""
    return facts_of_stored_event(ApiEvent.model_validate(event.model_dump(by_alias=True, exclude_unset=True)))
