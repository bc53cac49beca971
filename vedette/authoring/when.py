"""Evaluates the condition `when=` of a handler: a search in Sentry's syntax, or a predicate."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vedette.events import Event
from vedette.plugins.author_errors import as_error, format_error_line
from vedette.search import Query, Verdict, facts_of, parse

When = str | Callable[[Any], bool]


class UnusableConditionError(TypeError):
    """`when=` holds neither a search nor a predicate."""

    def __init__(self, handler: str, given: object) -> None:
        self.handler = handler
        super().__init__(
            f"the condition of {handler} is {given!r}: "
            'write when="level:fatal" or when=lambda event: event.level == "fatal"'
        )


@dataclass(frozen=True)
class WhenCondition:
    """A condition that events must meet."""

    text: str
    """The search, or the predicate's name."""
    query: Query | None = None
    predicate: Callable[[Any], bool] | None = None

    def unmet(self, event: Event) -> str:
        """Return why the event does not meet the condition; empty when it does.

        A key that the payload lacks does not match, and is named in the reason.
        """
        if self.predicate is not None:
            return self._unmet_predicate(event, self.predicate)
        assert self.query is not None
        facts = facts_of(event)
        verdict = self.query.evaluate(facts)
        if verdict is Verdict.TRUE:
            return ""
        if verdict is Verdict.UNKNOWN:
            keys = ", ".join(sorted(self.query.unknowns(facts)))
            return f"when={self.text!r} cannot be evaluated: the payload has no {keys}"
        terms = [term for term in self.query.explain(facts).terms() if term.verdict is Verdict.FALSE]
        return f"when={self.text!r} does not hold: {'; '.join(' '.join(term.lines()).strip() for term in terms)}"

    def _unmet_predicate(self, event: Event, predicate: Callable[[Any], bool]) -> str:
        try:
            answer: object = predicate(event)
            if inspect.iscoroutine(answer):
                answer.close()
                return f"its condition {self.text} has to be awaited, and is not: write a plain function"
            holds = bool(answer)
        except BaseException as raised:  # noqa: BLE001 - the author's code: one that raises must not hold up other handlers
            return f"its condition {self.text} raised {format_error_line(as_error(raised))}"
        return "" if holds else f"its condition {self.text} does not hold"


def make_condition(handler: str, when: When | None) -> WhenCondition | None:
    """Validate the condition that an author gave.

    Raises:
        SearchSyntaxError: The search cannot be read; its text shows the place.
        UnusableConditionError: It is neither text nor callable.
    """
    if when is None:
        return None
    if isinstance(when, str):
        return WhenCondition(when, query=parse(when, is_strict=True))
    if callable(when):
        return WhenCondition(getattr(when, "__name__", repr(when)), predicate=when)
    raise UnusableConditionError(handler, when)
