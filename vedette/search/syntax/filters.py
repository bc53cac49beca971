"""Parses `key:value` to a term: the kind of the key decides how its value is read and which values are refused."""

from collections.abc import Callable, Mapping
from typing import Final

from vedette.search.keys import Kind, find_key
from vedette.search.matching.conditions import Condition, Present
from vedette.search.strictness import refuse_impossible_values, refuse_misspelt_key
from vedette.search.syntax.filter_context import Filter
from vedette.search.syntax.mentions import mentions_of
from vedette.search.syntax.nodes import Term
from vedette.search.syntax.numeric_values import read_boolean, read_build, read_date, read_number, read_version
from vedette.search.syntax.operators import NOT_EQUAL
from vedette.search.syntax.raw_values import read_value
from vedette.search.syntax.scanner import Scanner, WrittenKey
from vedette.search.syntax.text_values import read_actor, read_choice, read_is, read_text

_READERS: Final[Mapping[Kind, Callable[[Filter], tuple[Condition, str]]]] = {
    Kind.TEXT: read_text,
    Kind.MESSAGE: read_text,
    Kind.RELEASE: read_text,
    Kind.NUMBER: read_number,
    Kind.DURATION: read_number,
    Kind.SIZE: read_number,
    Kind.DATE: read_date,
    Kind.BOOLEAN: read_boolean,
    Kind.ACTOR: read_actor,
    Kind.CHOICE: read_choice,
    Kind.IS: read_is,
    Kind.VERSION: read_version,
    Kind.BUILD: read_build,
}


def read_filter(scanner: Scanner, written: WrittenKey) -> Term:
    """Read the filter at the position of the scanner.

    Raises:
        SearchSyntaxError: Sentry would refuse it.
    """
    scanner.place = written.end
    key = find_key(written.name)
    if scanner.is_strict:
        refuse_misspelt_key(scanner, written)
    if key.kind is Kind.HAS:
        return _read_has(scanner, written)
    found = Filter(scanner, written, key, read_value(scanner, written.name))
    _check_around(found)
    negated = written.negated or found.value.operator == NOT_EQUAL
    if written.negated and found.value.operator == NOT_EQUAL:
        scanner.fail("either ! before the key or != after it, not both", found.value.start, found.value.start + 2)
    if scanner.is_strict:
        refuse_impossible_values(found)
    condition, text = _READERS[key.kind](found)
    return Term(written.printed, text, negated, condition, mentions_of(found))


def _read_has(scanner: Scanner, written: WrittenKey) -> Term:
    start = scanner.place
    asked = scanner.only_key()
    key = find_key(asked.name) if asked else None
    if asked is None or key is None or key.kind in {Kind.IS, Kind.HAS}:
        scanner.fail("the name of one key or tag, as in has:user", start, max(scanner.word_end(start), start + 1))
    if scanner.is_strict:
        refuse_misspelt_key(scanner, asked)
    scanner.place = asked.end
    return Term(written.printed, asked.printed, written.negated, Present(key.name))


def _check_around(found: Filter) -> None:
    if found.value.around and found.key.kind not in {Kind.TEXT, Kind.MESSAGE, Kind.RELEASE}:
        found.fail("a plain value: only texts can be searched for a part of them")
