"""Defines the views of the live list: which entries of the journal each shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode

from vedette.store.deliveries.journal import JournalEntry

Show = Literal["acted", "decided", "everything"]
SHOWS: Final[tuple[Show, ...]] = ("acted", "decided", "everything")
_NAMES: Final = ("issue", "handler", "resource")
_LONGEST: Final = 200


@dataclass(frozen=True)
class LiveView:
    """A view: how much it shows, and of what."""

    show: Show = "acted"
    """`acted`: something was changed, proposed, observed, denied or failed; `decided`: a handler was chosen."""
    issue: str = ""
    handler: str = ""
    resource: str = ""

    def to_query(self) -> str:
        """Return it as a URL's query, by which streams name it."""
        words = {"show": self.show, "issue": self.issue, "handler": self.handler, "resource": self.resource}
        return urlencode({name: value for name, value in words.items() if value})

    def to_search(self) -> str:
        """Return its conditions as people write them: `issue:SHOP-4K handler:triage`."""
        return " ".join(f"{name}:{getattr(self, name)}" for name in _NAMES if getattr(self, name))

    def wants(self, entry: JournalEntry) -> bool:
        """Return whether an entry of the journal concerns a delivery that it shows."""
        if self.issue and entry.issue.casefold() != self.issue.casefold():
            return False
        if self.resource and entry.name.partition(".")[0] != self.resource:
            return False
        if self.handler and entry.handler != self.handler:
            return False
        if self.show == "everything":
            return True
        if self.show == "decided":
            return entry.kind == "ended" or (entry.kind == "decided" and entry.handlers > 0)
        return entry.kind == "ended" and has_effect(entry)


def has_effect(entry: JournalEntry) -> bool:
    """Return whether an attempt changed, proposed or observed something, was denied, or failed."""
    return entry.effect not in {"", "nothing", "skipped"} or entry.state in {"dead", "quarantined", "retrying"}


def read_view(query: Mapping[str, str]) -> LiveView:
    """Return the view of a URL's query: `show`, and `q` with conditions or these under their own names."""
    shows: dict[str, Show] = {one: one for one in SHOWS}
    found = {name: query.get(name, "")[:_LONGEST] for name in _NAMES}
    for word in query.get("q", "")[:_LONGEST].split():
        name, separator, value = word.partition(":")
        if separator and name in _NAMES and value:
            found[name] = value
        elif not separator and word:
            found["issue"] = word
    return LiveView(shows.get(query.get("show", ""), SHOWS[0]), **found)


def parse_view(text: str) -> LiveView:
    """Return the view that a stream names by `LiveView.to_query`."""
    return read_view(dict(parse_qsl(text[: 4 * _LONGEST])))
