"""Reads the filters of a page, of which Deliveries has these: terms such as `issue:SHOP-4K`, a state, an age."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vedette._core.durations import UnreadableDurationError, parse_age
from vedette._core.user_error import UserError
from vedette.admin.filters import DeliveryFilter

_NAMES: Final = ("issue", "handler", "resource", "rule", "request", "state", "since")
_LONGEST: Final = 200
AGES: Final = ("1h", "24h", "7d")


class UnreadableFilterError(UserError):
    """A filter that has no meaning."""

    exit_code = 2

    def __init__(self, problem: str) -> None:
        super().__init__(problem)


@dataclass(frozen=True)
class DeliverySearchForm:
    """The filters of one list; an empty text matches all."""

    issue: str = ""
    handler: str = ""
    resource: str = ""
    rule: str = ""
    request: str = ""
    state: str = ""
    since: str = ""

    def to_filter(self, limit: int) -> DeliveryFilter:
        """Return the filter.

        Raises:
            UnreadableFilterError: The age cannot be read.
            UnknownNameError: No run is ever in this state.
        """
        age = read_age(self.since)
        since = max(0, round(time.time() * 1000) - age) if age else 0
        return DeliveryFilter(
            since,
            self.resource,
            self.handler,
            self.issue,
            limit,
            self.state,
            rule=self.rule,
            request=self.request,
        )

    def to_query(self) -> dict[str, str]:
        """Return the parameters of the URL that has these filters."""
        words = {"q": self.to_words(), "state": self.state, "since": self.since}
        return {name: value for name, value in words.items() if value}

    def to_words(self) -> str:
        """Return the conditions as people write them, but for those that have fields of their own."""
        return write_words({name: getattr(self, name) for name in _NAMES[:5]})

    def to_options(self) -> dict[str, str]:
        """Return the options of `vedette deliveries` that list the same, as far as it has them."""
        names = ("issue", "handler", "resource", "state", "since")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def read_search(query: Mapping[str, str]) -> DeliverySearchForm:
    """Return the filters of a URL.

    Raises:
        UnreadableFilterError: A word names no filter.
    """
    return DeliverySearchForm(**read_words(query, _NAMES))


def read_words(query: Mapping[str, str], names: Sequence[str], fields: Sequence[str] = ()) -> dict[str, str]:
    """Return the filters of a URL, from their parameters and from the words in `q`, such as `handler:triage`.

    A word without a name is an issue; quotes keep spaces: `rule:"a b"`.

    Args:
        query: The parameters.
        names: The filters that words and parameters can name.
        fields: Filters that only parameters name.

    Raises:
        UnreadableFilterError: A word names no filter.
    """
    found = {name: query.get(name, "")[:_LONGEST] for name in (*names, *fields)}
    for word in _split(query.get("q", "")[: 4 * _LONGEST]):
        name, separator, value = word.partition(":")
        if not separator:
            found["issue"] = word
        elif name in names:
            found[name] = value.strip('"')
        else:
            raise UnreadableFilterError(f"There is no filter {name[:40]}: there are {', '.join(names)}")
    return found


def write_words(filters: Mapping[str, str]) -> str:
    """Return filters as the words that `read_words` reads; empty ones are left out."""
    pairs = [(name, value) for name, value in filters.items() if value]
    return " ".join(f'{name}:"{value}"' if " " in value else f"{name}:{value}" for name, value in pairs)


def read_age(text: str) -> int:
    """Return an age in milliseconds; 0 where the text is empty.

    Raises:
        UnreadableFilterError: The age cannot be read.
    """
    try:
        return parse_age(text) if text else 0
    except UnreadableDurationError as error:
        raise UnreadableFilterError(f"since: {error}") from None


def _split(text: str) -> list[str]:
    """Return the words of a text; spaces between double quotes end none."""
    words, is_quoted = [""], False
    for letter in text:
        is_quoted ^= letter == '"'
        if letter.isspace() and not is_quoted:
            words.append("")
        else:
            words[-1] += letter
    return [word for word in words if word]
