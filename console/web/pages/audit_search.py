"""Reads the filters of the audit's pages: words such as `handler:triage`, an age, the reads of agents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from console.web.delivery_search import UnreadableFilterError, read_age, read_words, write_words
from vedette.admin.filters import AuditFilter
from vedette.permissions.principal import Principal

_NAMES: Final = ("handler", "agent", "issue", "rule", "project", "delivery")
AUDIT_AGES: Final = ("1h", "24h", "7d", "30d")


@dataclass(frozen=True)
class AuditSearchForm:
    """The filters of one list; an empty text matches all."""

    handler: str = ""
    agent: str = ""
    issue: str = ""
    rule: str = ""
    project: str = ""
    delivery: str = ""
    since: str = ""
    reads: str = ""
    """`on` where the reads of agents are listed too."""

    def to_filter(self) -> AuditFilter:
        """Return the filter.

        Raises:
            UnreadableFilterError: The age cannot be read, or both a handler and an agent are named.
        """
        if self.handler and self.agent:
            raise UnreadableFilterError("Give handler: or agent:, and not both")
        age = read_age(self.since)
        principal = Principal("agent", self.agent).key if self.agent else self.handler
        return AuditFilter(
            principal,
            *(self.issue, self.rule, self.project, age),
            with_reads=self.reads == "on",
            delivery=self.delivery,
        )

    def to_query(self) -> dict[str, str]:
        """Return the parameters of the URL that has these filters."""
        words = {"q": self.to_words(), "since": self.since, "reads": self.reads}
        return {name: value for name, value in words.items() if value}

    def to_words(self) -> str:
        """Return the conditions as people write them, but for those that have fields of their own."""
        return write_words({name: getattr(self, name) for name in _NAMES})

    def to_options(self) -> dict[str, str]:
        """Return the options of `vedette audit` and `vedette undo` that find the same, as far as they have them."""
        names = ("handler", "agent", "issue", "rule", "project", "since")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def read_audit_search(query: Mapping[str, str]) -> AuditSearchForm:
    """Return the filters of a URL or form; a word without a name is an issue, quotes keep spaces: `rule:"a b"`.

    Raises:
        UnreadableFilterError: A word names no filter.
    """
    return AuditSearchForm(**read_words(query, _NAMES, ("since", "reads")))
