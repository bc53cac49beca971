"""Parses values with an order (numbers, dates, versions), and truth values.

Each function gives what to ask of the facts, and the value in canonical form.
"""

from collections.abc import Callable, Mapping
from typing import Final

from vedette.search.keys import Kind
from vedette.search.matching.conditions import Ago, Condition, Match, any_of
from vedette.search.matching.dates import date_test, read_moment, read_relative
from vedette.search.matching.releases import version_test
from vedette.search.matching.units import Compared, read_count, read_duration, read_size
from vedette.search.syntax.filter_context import Filter
from vedette.search.syntax.operators import NOT_EQUAL
from vedette.search.syntax.scanner import printed_text
from vedette.search.syntax.text_values import read_text

_NUMBERS: Final[Mapping[Kind, tuple[Callable[[str], float | None], str]]] = {
    Kind.NUMBER: (read_count, "a number, with k, m or b after it if it is large, as in >5k"),
    Kind.DURATION: (read_duration, "a duration such as >500ms, 2s, 5min, 1h or 3d"),
    Kind.SIZE: (read_size, "a size such as >500kb, 20mb or 1gib"),
}
_TRUTHS: Final = {"true": "true", "1": "true", "false": "false", "0": "false"}
_DATES: Final = (
    "a relative time (-24h: since then, +7d: longer ago; m, h, d or w) or a date such as >=2026-10-04T06:00:00"
)


def read_number(found: Filter) -> tuple[Condition, str]:
    """Return a count, duration or size, compared with one or with a list."""
    read, expected = _NUMBERS[found.key.kind]
    if found.value.listed and found.value.operator:
        found.fail("a list without an operator, or one value to compare with")
    conditions: list[Condition] = []
    for item in found.value.items:
        number = None if item.quoted else read(item.text)
        if number is None:
            found.fail(expected, item)
        conditions.append(Match(found.key.name, Compared(found.operator, number)))
    return any_of(conditions), found.joined([item.text.lower() for item in found.value.items])


def read_date(found: Filter) -> tuple[Condition, str]:
    """Return a date or relative time."""
    if found.written.negated or found.value.operator == NOT_EQUAL:
        place = found.written.start
        found.scanner.fail("a date without !, as Sentry negates none: turn the comparison around", place, place + 1)
    item, operator = found.only, found.value.operator
    relative = None if operator else read_relative(item.text)
    if relative and not item.quoted:
        return Ago(found.key.name, *relative), item.text
    moment = None if item.quoted else read_moment(item.text)
    if moment is None:
        found.fail(_DATES, item)
    return Match(found.key.name, date_test(operator, moment[0], whole_day=moment[1])), operator + item.text


def read_boolean(found: Filter) -> tuple[Condition, str]:
    """Read true or false."""
    found.refuse_operator("true or false without an operator", equal=False)
    item = found.only
    truth = None if item.quoted else _TRUTHS.get(item.text.lower())
    if truth is None:
        found.fail("true, false, 1 or 0", item)
    return Match(found.key.name, _Truth(truth == "true")), truth


class _Truth:
    """A value that is true, or one that is false; tags hold theirs as text."""

    __slots__ = ("_texts",)

    def __init__(self, truth: bool) -> None:
        self._texts = ("true", "yes", "1") if truth else ("false", "no", "0")

    def matches(self, value: str | float, /) -> bool:
        """Return whether the value says so."""
        return str(value).lower() in self._texts


def read_version(found: Filter) -> tuple[Condition, str]:
    """Return a semantic version."""
    item = found.only
    test = version_test(found.operator, item.text)
    if test is None:
        found.fail("a version such as >=4.18, 4.18.1-rc.1 or 4.*; for other names of releases use release:", item)
    return Match("release", test), found.joined([printed_text(item.text)])


def read_build(found: Filter) -> tuple[Condition, str]:
    """Return a build number, or its text."""
    if not found.value.listed and found.only.text.isdecimal() and found.only.text.isascii():
        number = read_count(found.only.text)
        if number is not None:
            return Match(found.key.name, Compared(found.operator, number)), found.joined([found.only.text])
    found.refuse_operator("a build number of digits alone, to compare with")
    return read_text(found)
