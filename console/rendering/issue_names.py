"""Remembers how people call the issues in journal entries, since many entries have the issue's id alone."""

from cachetools import LRUCache

from vedette.store.deliveries.journal import JournalEntry

_REMEMBERED = 5_000


class IssueNames:
    """Short ids of issues, learned from the entries that have one."""

    def __init__(self) -> None:
        self._issues: LRUCache[str, str] = LRUCache(_REMEMBERED)
        """Delivery -> the id of its issue."""
        self._short_ids: LRUCache[str, str] = LRUCache(_REMEMBERED)
        """The id of an issue -> its short id."""

    def learn(self, entry: JournalEntry) -> None:
        """Remember what an entry says of its issue."""
        if entry.kind == "accepted":
            self._issues[entry.delivery] = entry.issue
            return
        issue = self._issues.get(entry.delivery)
        if issue and entry.issue not in {"", issue}:
            self._short_ids[issue] = entry.issue

    def name_of(self, entry: JournalEntry) -> str:
        """Return the short id of an entry's issue, or its id if none is known; empty if the entry has no issue."""
        return self._short_ids.get(entry.issue, entry.issue)
