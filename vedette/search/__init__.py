"""Parses Sentry's search syntax and evaluates it on events: `parse("level:fatal !has:user")`."""

from vedette.search.errors import SearchSyntaxError
from vedette.search.facts.answers import Answer
from vedette.search.facts.facts import Facts
from vedette.search.facts.from_events import facts_of, facts_of_issue, facts_of_stored_event
from vedette.search.keys import Source, lookup_name, source_of
from vedette.search.matching.explanation import Explanation
from vedette.search.matching.truth import Verdict
from vedette.search.query import Query, parse
from vedette.search.syntax.mentions import Mention
from vedette.search.syntax.term_writer import term

__all__ = [
    "Answer",
    "Explanation",
    "Facts",
    "Mention",
    "Query",
    "SearchSyntaxError",
    "Source",
    "Verdict",
    "facts_of",
    "facts_of_issue",
    "facts_of_stored_event",
    "lookup_name",
    "parse",
    "source_of",
    "term",
]
