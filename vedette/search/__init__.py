"""Sentry's search syntax, read from text and evaluated on events: `parse("level:fatal !has:user")`."""

from vedette.search.answers import Answer
from vedette.search.errors import SearchSyntaxError
from vedette.search.explanation import Explanation
from vedette.search.facts import Facts
from vedette.search.facts_of import facts_of, facts_of_issue, facts_of_stored_event
from vedette.search.keys import Source, lookup_name, source_of
from vedette.search.query import Query, parse
from vedette.search.verdict import Verdict
from vedette.search.writing import term

__all__ = [
    "Answer",
    "Explanation",
    "Facts",
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
