"""Reads the filters of the page Deliveries: terms such as `issue:SHOP-4K`, a state, an age."""

import time
from collections.abc import Mapping
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
        try:
            age = parse_age(self.since) if self.since else 0
        except UnreadableDurationError as error:
            raise UnreadableFilterError(f"since: {error}") from None
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
        return " ".join(f"{name}:{getattr(self, name)}" for name in _NAMES[:5] if getattr(self, name))

    def to_options(self) -> dict[str, str]:
        """Return the options of `vedette deliveries` that list the same, as far as it has them."""
        names = ("issue", "handler", "resource", "state", "since")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def read_search(query: Mapping[str, str]) -> DeliverySearchForm:
    """Return the filters of a URL; a word without a name is an issue.

    Raises:
        UnreadableFilterError: A word names no filter.
    """
    found = {name: query.get(name, "")[:_LONGEST] for name in _NAMES}
    for word in query.get("q", "")[: 4 * _LONGEST].split():
        name, separator, value = word.partition(":")
        if not separator:
            found["issue"] = word
        elif name in _NAMES:
            found[name] = value
        else:
            raise UnreadableFilterError(f"There is no filter {name[:40]}: there are {', '.join(_NAMES)}")
    return DeliverySearchForm(**found)
