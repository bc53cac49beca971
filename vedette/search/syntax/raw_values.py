"""Scans the text after the colon: an operator, then a bare value, a quoted one or a list, regardless of the key."""

import re
from dataclasses import dataclass
from typing import Final, NoReturn

from vedette.search.matching.wildcards import escaped
from vedette.search.syntax.operators import split_operator
from vedette.search.syntax.scanner import Scanner

_BARE: Final = re.compile(r"[^()\s]*")
_ITEM: Final = re.compile(r"[^(),\s\"\[\]]+")
_ESCAPED_QUOTE: Final = re.compile(r'\\"')
# What Sentry's own search field writes for "contains" and its kin: between two characters that are never typed.
_AROUND: Final = re.compile(r"\uf00d(contains|starts ?with|ends ?with)\uf00d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Item:
    """One value.

    Attributes:
        text: without quotes.
        quoted: whether it was in quotes.
        start: index of its first character.
        end: index after its last.
    """

    text: str
    quoted: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Value:
    """The raw value of a filter.

    Attributes:
        operator: The operator; empty if there is none.
        items: one, or those of the list.
        listed: whether it is a list.
        around: `contains`, `startswith` or `endswith`; empty text when there is none.
        start: index of the first character.
        end: index after the last.
    """

    operator: str
    items: tuple[Item, ...]
    listed: bool
    around: str
    start: int
    end: int


def read_value(scanner: Scanner, key: str) -> Value:
    """Read the text after the colon of `key`.

    Raises:
        SearchSyntaxError: There is no value, or a quote or bracket is never closed.
    """
    start, around = scanner.place, _read_around(scanner)
    operator, _rest = split_operator(scanner.text[scanner.place : scanner.place + 2])
    scanner.place += len(operator)
    listed = scanner.next == "["
    items = _read_list(scanner) if listed else (_read_item(scanner, key),)
    if around:
        items = tuple(Item(_wrapped(item.text, around), item.quoted, item.start, item.end) for item in items)
    return Value(operator, items, listed, around, start, scanner.place)


def _read_around(scanner: Scanner) -> str:
    found = _AROUND.match(scanner.text, scanner.place)
    if found is None:
        return ""
    scanner.place = found.end()
    return found[1].lower().replace(" ", "")


def _wrapped(text: str, around: str) -> str:
    """Return the same as a pattern: asterisks in it are ordinary ones."""
    if not text:
        return text
    before, after = around != "startswith", around != "endswith"
    return f"{'*' if before else ''}{escaped(text)}{'*' if after else ''}"


def _read_item(scanner: Scanner, key: str) -> Item:
    start = scanner.place
    if scanner.next == '"':
        return _read_quoted(scanner, "the closing quote")
    found = _BARE.match(scanner.text, start)
    text = found[0] if found else ""
    if not text:
        scanner.fail(f'a value right after "{key}:", in quotes if the colon belongs to a text', end=start + 1)
    _refuse_stray_quote(scanner, text, start)
    scanner.place = start + len(text)
    _refuse_last_backslash(scanner, text)
    return Item(_ESCAPED_QUOTE.sub('"', text), quoted=False, start=start, end=scanner.place)


def _read_quoted(scanner: Scanner, what: str) -> Item:
    start = scanner.place
    text = scanner.quoted()
    if text is None:
        scanner.fail('a second " that closes this one', start, start + 1)
    if what:
        scanner.must_end_here(what)
    return Item(text, quoted=True, start=start, end=scanner.place)


def _read_list(scanner: Scanner) -> tuple[Item, ...]:
    opened, items = scanner.place, list[Item]()
    scanner.place += 1
    while True:
        scanner.skip_spaces()
        items.append(_read_list_item(scanner, opened))
        scanner.skip_spaces()
        if scanner.next == "]":
            scanner.place += 1
            scanner.must_end_here("the list, or the whole value in quotes")
            return tuple(items)
        if scanner.next != ",":
            _fail_in_list(scanner, opened)
        scanner.place += 1


def _read_list_item(scanner: Scanner, opened: int) -> Item:
    if scanner.next == '"':
        return _read_quoted(scanner, "")
    found = _ITEM.match(scanner.text, scanner.place)
    if found is None:
        _fail_in_list(scanner, opened)
    scanner.place = found.end()
    _refuse_last_backslash(scanner, found[0])
    return Item(found[0], quoted=False, start=found.start(), end=found.end())


def _fail_in_list(scanner: Scanner, opened: int) -> NoReturn:
    if not scanner.next:
        scanner.fail("a ] that closes this [, or the value in quotes", opened, opened + 1)
    scanner.fail("values parted by commas, as in [one, two], those with spaces in quotes", end=scanner.place + 1)


def _refuse_stray_quote(scanner: Scanner, text: str, start: int) -> None:
    for found in re.finditer('"', text):
        if text[found.start() - 1] != "\\":
            place = start + found.start()
            scanner.fail('quotes around the whole value, or \\" for a quote in it', place, place + 1)


def _refuse_last_backslash(scanner: Scanner, text: str) -> None:
    # In quotes it would escape the closing quote, so such a value could not be written back.
    if text.endswith("\\"):
        scanner.fail("something after the backslash", scanner.place - 1, scanner.place)
