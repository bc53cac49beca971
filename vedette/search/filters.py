"""From `key:value` to a term: each kind of key reads its value in its own way, and refuses what Sentry would refuse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from vedette.search.actors import actor_condition
from vedette.search.conditions import Ago, Condition, Latest, Match, Missing, Present, any_of
from vedette.search.keys import Key, Kind, find_key
from vedette.search.moments import date_test, read_moment, read_relative
from vedette.search.nodes import Term
from vedette.search.operators import NOT_EQUAL
from vedette.search.patterns import loose_test, message_test, pattern_test
from vedette.search.quantities import Compared, read_count, read_duration, read_size
from vedette.search.scanner import Scanner, WrittenKey, printed_text
from vedette.search.states import CHOICES, choice_condition, state_condition
from vedette.search.values import Item, Value, read_value
from vedette.search.versions import version_test

_NUMBERS: Final[Mapping[Kind, tuple[Callable[[str], float | None], str]]] = {
    Kind.NUMBER: (read_count, "a number, with k, m or b after it if it is large, as in >5k"),
    Kind.DURATION: (read_duration, "a duration such as >500ms, 2s, 5min, 1h or 3d"),
    Kind.SIZE: (read_size, "a size such as >500kb, 20mb or 1gib"),
}
_TRUTHS: Final = {"true": "true", "1": "true", "false": "false", "0": "false"}
_DATES: Final = (
    "a relative time (-24h: since then, +7d: longer ago; m, h, d or w) or a date such as >=2026-10-04T06:00:00"
)


@dataclass(frozen=True, slots=True)
class _Filter:
    """A filter while it is read."""

    scanner: Scanner
    written: WrittenKey
    key: Key
    value: Value

    @property
    def operator(self) -> str:
        """The comparison to make; `!=` is a negation, which the term does."""
        return "=" if self.value.operator in {"", NOT_EQUAL} else self.value.operator

    @property
    def only(self) -> Item:
        """The one value of a key that takes no list."""
        if self.value.listed:
            self.fail(f'a single value: "{self.written.name}" takes no list; join several with OR')
        return self.value.items[0]

    def fail(self, expected: str, item: Item | None = None) -> NoReturn:
        """Refuse an item, or the whole value."""
        place = item or self.value
        self.scanner.fail(expected, place.start, place.end)

    def refuse_operator(self, why: str, *, equal: bool = True) -> None:
        """Refuse comparisons, for keys whose values have no order; `equal` lets `=` and `!=` through."""
        operator = self.value.operator
        if operator and not (equal and operator in {"=", NOT_EQUAL}):
            self.scanner.fail(why, self.value.start, self.value.start + len(operator))


def read_filter(scanner: Scanner, written: WrittenKey) -> Term:
    """Read a filter whose key was found at the scanner's place.

    Raises:
        SearchSyntaxError: Sentry would refuse it.
    """
    scanner.place = written.end
    key = find_key(written.name)
    if key.kind is Kind.HAS:
        return _read_has(scanner, written)
    found = _Filter(scanner, written, key, read_value(scanner, written.name))
    _check_around(found)
    negated = written.negated or found.value.operator == NOT_EQUAL
    if written.negated and found.value.operator == NOT_EQUAL:
        scanner.fail("either ! before the key or != after it, not both", found.value.start, found.value.start + 2)
    condition, text = _READERS[key.kind](found)
    return Term(written.printed, text, negated, condition)


def _read_has(scanner: Scanner, written: WrittenKey) -> Term:
    start = scanner.place
    asked = scanner.only_key()
    key = find_key(asked.name) if asked else None
    if asked is None or key is None or key.kind in {Kind.IS, Kind.HAS}:
        scanner.fail("the name of one key or tag, as in has:user", start, max(scanner.word_end(start), start + 1))
    scanner.place = asked.end
    return Term(written.printed, asked.printed, written.negated, Present(key.name))


def _check_around(found: _Filter) -> None:
    if found.value.around and found.key.kind not in {Kind.TEXT, Kind.MESSAGE, Kind.RELEASE}:
        found.fail("a plain value: only texts can be searched for a part of them")


def _joined(found: _Filter, texts: list[str]) -> str:
    text = f"[{', '.join(texts)}]" if len(texts) > 1 else texts[0]
    return text if found.value.operator in {"", "=", NOT_EQUAL} else found.value.operator + text


def _text(found: _Filter) -> tuple[Condition, str]:
    bare = printed_text(found.scanner.text[found.value.start : found.value.end].strip('"'))
    found.refuse_operator(f"no comparison: the values of this key are text. In quotes ({bare}) it is searched as text")
    conditions = [_text_condition(found.key, item.text) for item in found.value.items]
    return any_of(conditions), _joined(found, [printed_text(item.text) for item in found.value.items])


def _text_condition(key: Key, text: str) -> Condition:
    if not text:
        return Missing(key.name)
    if key.kind is Kind.MESSAGE:
        return Match(key.name, message_test(text))
    if key.kind is Kind.RELEASE and text == "latest":
        return Latest(key.name)
    if key.name == "project" and text.isdecimal() and text.isascii():
        return Match("project.id", pattern_test(text))
    return Match(key.name, loose_test(text) if key.name == "issue" else pattern_test(text))


def _number(found: _Filter) -> tuple[Condition, str]:
    read, expected = _NUMBERS[found.key.kind]
    if found.value.listed and found.value.operator:
        found.fail("a list without an operator, or one value to compare with")
    conditions: list[Condition] = []
    for item in found.value.items:
        number = None if item.quoted else read(item.text)
        if number is None:
            found.fail(expected, item)
        conditions.append(Match(found.key.name, Compared(found.operator, number)))
    return any_of(conditions), _joined(found, [item.text.lower() for item in found.value.items])


def _date(found: _Filter) -> tuple[Condition, str]:
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


def _boolean(found: _Filter) -> tuple[Condition, str]:
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
        """Whether the value says so."""
        return str(value).lower() in self._texts


def _actor(found: _Filter) -> tuple[Condition, str]:
    found.refuse_operator("a name without a comparison")
    for item in found.value.items:
        if not item.text:
            found.fail("an email address, a username, #team, me, my_teams or none", item)
    conditions = [actor_condition(found.key.name, item.text) for item in found.value.items]
    return any_of(conditions), _joined(found, [printed_text(item.text) for item in found.value.items])


def _choice(found: _Filter) -> tuple[Condition, str]:
    found.refuse_operator("a value without a comparison")
    choices = CHOICES[found.key.name]
    for item in found.value.items:
        if item.text not in choices:
            found.fail(f"one of {', '.join(choices)}", item)
    conditions = [choice_condition(found.key.name, item.text) for item in found.value.items]
    return any_of(conditions), _joined(found, [item.text for item in found.value.items])


def _is(found: _Filter) -> tuple[Condition, str]:
    found.refuse_operator("a value without an operator; write !is: for the opposite", equal=False)
    item = found.only
    if item.text not in CHOICES["is"]:
        found.fail(f"one of {', '.join(CHOICES['is'])}", item)
    return state_condition(item.text), item.text


def _version(found: _Filter) -> tuple[Condition, str]:
    item = found.only
    test = version_test(found.operator, item.text)
    if test is None:
        found.fail("a version such as >=4.18, 4.18.1-rc.1 or 4.*; for other names of releases use release:", item)
    return Match("release", test), _joined(found, [printed_text(item.text)])


def _build(found: _Filter) -> tuple[Condition, str]:
    if not found.value.listed and found.only.text.isdecimal() and found.only.text.isascii():
        number = read_count(found.only.text)
        if number is not None:
            return Match(found.key.name, Compared(found.operator, number)), _joined(found, [found.only.text])
    found.refuse_operator("a build number of digits alone, to compare with")
    return _text(found)


_READERS: Final[Mapping[Kind, Callable[[_Filter], tuple[Condition, str]]]] = {
    Kind.TEXT: _text,
    Kind.MESSAGE: _text,
    Kind.RELEASE: _text,
    Kind.NUMBER: _number,
    Kind.DURATION: _number,
    Kind.SIZE: _number,
    Kind.DATE: _date,
    Kind.BOOLEAN: _boolean,
    Kind.ACTOR: _actor,
    Kind.CHOICE: _choice,
    Kind.IS: _is,
    Kind.VERSION: _version,
    Kind.BUILD: _build,
}
