"""Provides the facts that a search is evaluated on: answers by key, read on first use and then cached.

Laziness matters because a hundred rules ask one event for the same few keys, and layers matter because what a payload
does not say may be fetched later, once, for all rules that need it.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from vedette.search.facts.answers import NOT_KNOWN, Answer, answer_of
from vedette.search.keys import lookup_name

Lookup: TypeAlias = Callable[[str], Answer]
"""Answers one key, given by its lookup name (`firstSeen`, `tags[browser]`); must not raise."""


def _nothing(key: str) -> Answer:  # noqa: ARG001 - a lookup takes the key
    return NOT_KNOWN


class Facts:
    """Answers about one subject.

    Made by `facts_of(event)`, or of fetched values with `Facts().with_more({...})`. Not for sharing between threads.

    Args:
        lookup: answers a key that was not asked for before.
        now: the moment that relative times count from; the clock's when None. Backtests give the event's own.
    """

    __slots__ = ("_answers", "_lookup", "_now")

    def __init__(self, lookup: Lookup = _nothing, *, now: datetime | None = None) -> None:
        self._lookup = lookup
        self._now = now
        self._answers: dict[str, Answer] = {}

    def get(self, key: str) -> Answer:
        """Return the answer for a key, given by its lookup name."""
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._lookup(key)
        return answer

    def now(self) -> float:
        """Return the time that relative times are counted from, in Unix seconds."""
        return time.time() if self._now is None else self._now.timestamp()

    def with_more(self, more: "Mapping[str, object] | Facts") -> "Facts":
        """Return facts with further answers; these facts are unchanged.

        Args:
            more: values by key, in any spelling a search may use (`firstRelease`, `browser`): text, numbers, booleans,
                datetimes, lists of them, or an `Answer`. None or an empty list says: known to be absent. Or other
                facts, which are asked first, and completed by these.
        """
        if isinstance(more, Facts):
            return Facts(lambda key: more.get(key).merged(self.get(key)), now=self._now)
        known = {lookup_name(key): answer_of(value) for key, value in more.items()}

        def lookup(key: str) -> Answer:
            answer = known.get(key)
            return self.get(key) if answer is None else answer.merged(self.get(key))

        return Facts(lookup, now=self._now)

    def at(self, now: datetime) -> "Facts":
        """Return the same facts, with relative times counted from `now`."""
        return Facts(self.get, now=now)

    def __repr__(self) -> str:
        # The keys alone: values carry people's data.
        return f"<Facts, asked for: {', '.join(sorted(self._answers)) or 'nothing yet'}>"
