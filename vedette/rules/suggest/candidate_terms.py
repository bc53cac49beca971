"""Conditions that an issue gives rise to, as terms of a search that finds it.

Each is made of one issue alone, so that counting them over all issues is all that mining has to do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from vedette.rules.suggest.generalization import Pattern, message_patterns, path_patterns
from vedette.search import Facts, Query, Verdict, lookup_name, parse, term

_LONGEST_VALUE: Final = 200


@dataclass(frozen=True)
class CandidateTerm:
    """A key and the pattern of its value.

    Wildcards take either case, so patterns that differ in nothing else are equal; `written` keeps the case it was seen
    in, for people.
    """

    key: str
    pattern: Pattern
    written: Pattern = field(compare=False)

    @cached_property
    def text(self) -> str:
        """As a term of a search."""
        return term(self.key, self.written)

    @cached_property
    def _query(self) -> Query:
        return parse(self.text)

    def matches(self, value: str) -> bool:
        """Whether an issue with this value is found, as `vedette.search` itself decides it."""
        return self._query.evaluate(Facts().with_more({lookup_name(self.key): value})) is Verdict.TRUE


def conditions_of(features: Mapping[str, str]) -> Iterator[CandidateTerm]:
    """All conditions that an issue with these features meets, without repetition."""
    for key, value in features.items():
        if not value or not _is_writable(value):
            continue
        yield from dict.fromkeys(condition(key, pattern) for pattern in _patterns(key, value))


def condition(key: str, pattern: Pattern) -> CandidateTerm:
    """The condition that a key's value is of this pattern."""
    folded = pattern if len(pattern) == 1 else tuple(part.lower() for part in pattern)
    return CandidateTerm(key, folded, pattern)


def _patterns(key: str, value: str) -> Iterator[Pattern]:
    if key == "title":
        yield from message_patterns(value)
        return
    if len(value) <= _LONGEST_VALUE and not (key == "project" and value.isdecimal()):
        yield (value,)
    if key == "location":
        yield from path_patterns(value, "/")
    elif key == "culprit":
        # A route of a web application, or a module and the function in it.
        module = value.partition(" in ")[0]
        yield from path_patterns(module, "/" if "/" in module else ".")


def _is_writable(value: str) -> bool:
    """Whether the text can stand in a file: halves of a surrogate pair cannot."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)
