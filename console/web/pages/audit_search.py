"""Reads the filters of the audit's pages: words such as `handler:triage`, an age, the reads of agents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from console.web.delivery_search import UnreadableFilterError
from vedette._core.durations import UnreadableDurationError, parse_age
from vedette.admin.filters import AuditFilter
from vedette.permissions.principal import Principal

_NAMES: Final = ("handler", "agent", "issue", "rule", "project", "delivery")
_LONGEST: Final = 200
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
        try:
            age = parse_age(self.since) if self.since else 0
        except UnreadableDurationError as error:
            raise UnreadableFilterError(f"since: {error}") from None
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
        pairs = [(name, getattr(self, name)) for name in _NAMES if getattr(self, name)]
        return " ".join(f'{name}:"{value}"' if " " in value else f"{name}:{value}" for name, value in pairs)

    def to_options(self) -> dict[str, str]:
        """Return the options of `vedette audit` and `vedette undo` that find the same, as far as they have them."""
        names = ("handler", "agent", "issue", "rule", "project", "since")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def read_audit_search(query: Mapping[str, str]) -> AuditSearchForm:
    """Return the filters of a URL or form; a word without a name is an issue, quotes keep spaces: `rule:"a b"`.

    Raises:
        UnreadableFilterError: A word names no filter.
    """
    found = {name: query.get(name, "")[:_LONGEST] for name in (*_NAMES, "since", "reads")}
    for word in _words(query.get("q", "")[: 4 * _LONGEST]):
        name, separator, value = word.partition(":")
        if not separator:
            found["issue"] = word
        elif name in _NAMES:
            found[name] = value.strip('"')
        else:
            raise UnreadableFilterError(f"There is no filter {name[:40]}: there are {', '.join(_NAMES)}")
    return AuditSearchForm(**found)


def _words(text: str) -> list[str]:
    """Return the words of a text; spaces between double quotes end none."""
    words, is_quoted = [""], False
    for letter in text:
        is_quoted ^= letter == '"'
        if letter.isspace() and not is_quoted:
            words.append("")
        else:
            words[-1] += letter
    return [word for word in words if word]
