"""Fetches the facts that a payload lacks from Sentry's API, for all rules of a run.

Facts that Sentry does not have or does not show stay unknown. A temporary error is raised, so that the run is retried.
"""

from contextlib import suppress
from typing import Final

from vedette.rules.engine.engine import Subject
from vedette.rules.issue_reader import PERMANENT_REFUSALS, IssueReader, facts_of_api_event, facts_of_api_issue
from vedette.search import Facts, Source, source_of
from vedette.search.matching.actors import SUGGESTED

_OF_ISSUE: Final = frozenset({Source.ISSUE, Source.INBOX, Source.OWNERS, Source.LINKS, Source.RELEASES})


class SentryFacts:
    """A source of facts that reads them from Sentry."""

    def __init__(self, reader: IssueReader | None) -> None:
        """Create a source for one subject.

        Args:
            reader: The reader of the subject's issue; None if it has none.
        """
        self._reader = reader

    async def more(self, subject: Subject, keys: frozenset[str]) -> Facts:
        """Return the available facts of these keys."""
        del subject
        found = Facts()
        if self._reader is None:
            return found
        sources = {source_of(key) for key in keys}
        if sources & _OF_ISSUE:
            with suppress(*PERMANENT_REFUSALS):
                found = found.with_more(facts_of_api_issue(await self._reader.issue()))
                if SUGGESTED in keys:
                    found = found.with_more({SUGGESTED: await self._reader.suggested()})
        if Source.EVENT in sources:
            with suppress(*PERMANENT_REFUSALS):
                found = found.with_more(facts_of_api_event(await self._reader.event()))
        return found
