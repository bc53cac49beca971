"""Parses searches: terms that are joined by juxtaposition or AND, by OR, and in brackets.

Sentry's issue search refuses AND, OR and brackets; its search of events has them, and this is their grammar: AND
binds closer than OR, and both may be written in small letters.
"""

import re
from typing import Final

from vedette.search.syntax.filters import read_filter
from vedette.search.syntax.free_text import read_free_text
from vedette.search.syntax.nodes import And, Node, all_of, one_of
from vedette.search.syntax.scanner import Scanner

_DEEPEST: Final = 50
_TERM: Final = 'a term such as level:error or "some text"'
_FLAT: Final = (
    "terms side by side: Sentry's issue search has no {found}; list values as in level:[error, fatal], or make a rule "
    "of each side"
)
_AGGREGATE: Final = re.compile(r"!?[a-zA-Z0-9_.]+\([^()]*\):")
_EXPLICIT: Final = re.compile(r"!?(?:tags|flags)\[[^\s\]]*\]?:?")


def read_search(text: str, *, is_flat: bool = False, is_strict: bool = False) -> Node:
    """Read a whole search.

    Args:
        text: The text of the search.
        is_flat: Refuse AND, OR and brackets, as Sentry's issue search does.
        is_strict: Refuse misspelt keys, and values that nothing can have.

    Raises:
        SearchSyntaxError: Sentry would refuse it, or would read it in another sense than it appears to have.
    """
    scanner = Scanner(text, is_flat=is_flat, is_strict=is_strict)
    scanner.skip_spaces()
    if not scanner.next:
        return And(())
    node = _read_or(scanner, 0)
    if scanner.next:
        scanner.fail("a ( before this ), or the text in quotes", end=scanner.place + 1)
    return node


def _read_or(scanner: Scanner, depth: int) -> Node:
    parts = [_read_and(scanner, depth, "")]
    while scanner.operator() == "OR":
        scanner.place += len("OR")
        parts.append(_read_and(scanner, depth, "OR"))
    return one_of(parts)


def _read_and(scanner: Scanner, depth: int, after: str) -> Node:
    """Read parts until OR, a closing bracket or the end; `after` is the operator before them, for the error."""
    parts: list[Node] = []
    while True:
        scanner.skip_spaces()
        operator = scanner.operator()
        if operator and scanner.is_flat:
            scanner.fail(_FLAT.format(found=operator), end=scanner.place + len(operator))
        ends = scanner.next in {"", ")"} or operator == "OR"
        if ends and parts and not after:
            return all_of(parts)
        if ends or (operator and (after or not parts)):
            end = scanner.place + len(operator or scanner.next)
            scanner.fail(f"{_TERM} after {after}" if after else f"{_TERM} before {operator or ')'}", end=end)
        if operator:
            scanner.place += len("AND")
            after = "AND"
            continue
        parts.append(_read_part(scanner, depth))
        after = ""


def _read_part(scanner: Scanner, depth: int) -> Node:
    if scanner.next == "(":
        return _read_group(scanner, depth)
    _refuse_aggregate(scanner)
    key = scanner.filter_key()
    if key:
        return read_filter(scanner, key)
    _refuse_strange_key(scanner)
    return read_free_text(scanner)


def _read_group(scanner: Scanner, depth: int) -> Node:
    opened = scanner.place
    if scanner.is_flat:
        scanner.fail(_FLAT.format(found="brackets"), end=opened + 1)
    if depth >= _DEEPEST:
        scanner.fail(f"at most {_DEEPEST} brackets within each other", end=opened + 1)
    scanner.place += 1
    scanner.skip_spaces()
    if not scanner.next:
        scanner.fail("a ) that closes this (", opened, opened + 1)
    node = _read_or(scanner, depth + 1)
    if scanner.next != ")":
        scanner.fail("a ) that closes this (", opened, opened + 1)
    scanner.place += 1
    return node


def _refuse_aggregate(scanner: Scanner) -> None:
    found = _AGGREGATE.match(scanner.text, scanner.place)
    if found:
        scanner.fail("a key of issues: functions such as count() belong to searches of events", end=found.end())


def _refuse_strange_key(scanner: Scanner) -> None:
    explicit = _EXPLICIT.match(scanner.text, scanner.place)
    if explicit:
        scanner.fail("tags[NAME]:value or flags[NAME]:value, names of letters, digits and _ . : -", end=explicit.end())
