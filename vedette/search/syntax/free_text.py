"""Parses free text: everything that is neither filter nor operator. Adjacent words are one text, as in Sentry."""

import re
from typing import Final

from vedette.search.matching.conditions import Match
from vedette.search.matching.wildcards import message_test
from vedette.search.syntax.nodes import Term
from vedette.search.syntax.scanner import Scanner, quoted_text

_LINE_BREAK: Final = re.compile(r"(?<! ) *+[\t\r\n]\s*+")


def read_free_text(scanner: Scanner) -> Term:
    """Read a text, in quotes or not.

    Raises:
        SearchSyntaxError: a quote is never closed, or is in the middle of a word.
    """
    return _read_quoted(scanner) if scanner.next == '"' else _read_words(scanner)


def _refuse_negation(scanner: Scanner, place: int) -> None:
    """Refuse a `!` before anything but a key: Sentry would search for an exclamation mark, which is a mistake."""
    if scanner.text[place : place + 1] == "!":
        expected = 'a key after !, as in !message:"some text", or quotes around a text with a ! in it'
        scanner.fail(expected, place, place + 1)


def _read_quoted(scanner: Scanner) -> Term:
    start = scanner.place
    text = scanner.quoted()
    if text is None:
        scanner.fail('a second " that closes this one', start, start + 1)
    if not text.strip():
        scanner.fail("some text between the quotes", start, scanner.place)
    scanner.must_end_here("the closing quote")
    return _free_text(text)


def _read_words(scanner: Scanner) -> Term:
    """Read until a filter or an operator begins: the result is one text, as in Sentry."""
    start, end = scanner.place, scanner.place
    while True:
        place = scanner.spaces_end(end)
        if scanner.text[place : place + 1] == "(" and place > start:
            after = _free_brackets_end(scanner, place)
        elif place > start and (scanner.filter_key(place) or scanner.operator(place)):
            break
        else:
            if place != end or place == start:
                _refuse_negation(scanner, place)
            after = scanner.word_end(place)
        if after == place:
            break
        end = after
    scanner.place = end
    text = _LINE_BREAK.sub(" ", scanner.text[start:end])
    if text.endswith("\\"):
        scanner.fail("something after the backslash", end - 1, end)
    if scanner.next == '"':
        scanner.fail('a space before the quote, or \\" within quotes around the whole text', end=end + 1)
    return _free_text(text)


def _free_brackets_end(scanner: Scanner, place: int) -> int:
    """Index after brackets that belong to a text, as in `undefined (reading name)`; the place itself otherwise."""
    depth, here = 0, place
    while True:
        here = scanner.spaces_end(here)
        letter = scanner.text[here : here + 1]
        if letter == "(":
            depth, here = depth + 1, here + 1
        elif letter == ")":
            depth, here = depth - 1, here + 1
            if depth == 0:
                return here
        elif letter in {"", '"'} or scanner.filter_key(here) or scanner.operator(here):
            return place
        else:
            here = scanner.word_end(here)


def _free_text(text: str) -> Term:
    return Term("", quoted_text(text), negated=False, condition=Match("message", message_test(text)))
