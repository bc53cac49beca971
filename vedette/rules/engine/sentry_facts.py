"""Getting what a payload does not say from Sentry's API: each thing at most once, for all rules and actions of a run.

The issue with all that it can be expanded by is one call, its latest event another. What Sentry does not have or does
not show stays unknown; where it only fails for now, the error goes on, so that the run is tried again.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from vedette.api.errors import BadRequest, Forbidden, NotFound
from vedette.events import ApiEvent
from vedette.events import Issue as EventIssue
from vedette.permissions.errors import AccessDenied
from vedette.rules.engine.engine import Subject
from vedette.search import Facts, Source, facts_of_issue, facts_of_stored_event, source_of
from vedette.search.matching.actors import SUGGESTED

if TYPE_CHECKING:
    from vedette.api import Sentry
    from vedette.api.models import Issue, SentryEvent

_EXPAND: Final = ("owners", "inbox", "integrationIssues", "sentryAppIssues")
_OF_ISSUE: Final = frozenset({Source.ISSUE, Source.INBOX, Source.OWNERS, Source.LINKS, Source.RELEASES})
NOT_TO_BE_HAD: Final = (NotFound, Forbidden, BadRequest, AccessDenied)
"""Answers that will be the same next time."""


class IssueReader:
    """Reads one issue and what belongs to it, each at most once."""

    def __init__(self, sentry: "Sentry", issue_id: str) -> None:
        self._sentry = sentry
        self._id = issue_id
        self._issue: Issue | None = None
        self._event: SentryEvent | None = None

    async def issue(self) -> "Issue":
        """The issue with owners, inbox and links, as it was when it was first read here.

        Raises:
            SentryError: it could not be read.
        """
        if self._issue is None:
            self._issue = await self._sentry.issues.get(self._id, expand=_EXPAND)
        return self._issue

    async def suggested(self) -> list[str]:
        """Whom Sentry suggests, by all names that can be had: each one's id first, then address, username or slug.

        Raises:
            SentryError: it could not be read.
        """
        found: list[str] = []
        for owner in (await self.issue()).owners or ():
            names: tuple[str, ...] = (owner.owner,)
            with suppress(*NOT_TO_BE_HAD):
                names = await self._sentry.members.identities(owner.owner)
            found += names
        return found

    async def event(self) -> "SentryEvent":
        """Its latest event.

        Raises:
            SentryError: it could not be read.
        """
        if self._event is None:
            self._event = await self._sentry.events.get_for_issue(self._id)
        return self._event


class SentryFacts:
    """Asks Sentry; for the engine."""

    def __init__(self, reader: IssueReader | None) -> None:
        """Prepare.

        Args:
            reader: Of the issue that the subject is about; None where it is about none.
        """
        self._reader = reader

    async def more(self, subject: Subject, keys: frozenset[str]) -> Facts:
        """What can be had of these keys."""
        del subject
        found = Facts()
        if self._reader is None:
            return found
        sources = {source_of(key) for key in keys}
        if sources & _OF_ISSUE:
            with suppress(*NOT_TO_BE_HAD):
                found = found.with_more(facts_of_api_issue(await self._reader.issue()))
                if SUGGESTED in keys:
                    found = found.with_more({SUGGESTED: await self._reader.suggested()})
        if Source.EVENT in sources:
            with suppress(*NOT_TO_BE_HAD):
                found = found.with_more(facts_of_api_event(await self._reader.event()))
        return found


def facts_of_api_issue(issue: "Issue") -> Facts:
    """What an issue of the API answers, with what it was expanded by."""
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
        more["first_release"] = release.get("version") if isinstance(release, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # JSON
    return facts_of_issue(EventIssue.model_validate(raw)).with_more(more)


def facts_of_api_event(event: "SentryEvent") -> Facts:
    """What an event of the API answers."""
    return facts_of_stored_event(ApiEvent.model_validate(event.model_dump(by_alias=True, exclude_unset=True)))
