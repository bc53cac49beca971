"""Derives conditions from an issue, as terms of a search that finds it.

Each is derived from one issue alone, so the miner only has to count them over all issues.
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

    Wildcards ignore case, so patterns that only differ in case are equal; `written` has the original case.
    """

    key: str
    pattern: Pattern
    written: Pattern = field(compare=False)

    @cached_property
    def text(self) -> str:
        """The condition as a term of a search."""
        return term(self.key, self.written)

    @cached_property
    def _query(self) -> Query:
        return parse(self.text)

    def matches(self, value: str) -> bool:
        """Return whether the term finds an issue with this value, as decided by `vedette.search`."""
        return self._query.evaluate(Facts().with_more({lookup_name(self.key): value})) is Verdict.TRUE


def conditions_of(features: Mapping[str, str]) -> Iterator[CandidateTerm]:
    """Yield all conditions of an issue with these features, each once."""
    for key, value in features.items():
        if not value or not _is_writable(value):
            continue
        yield from dict.fromkeys(condition(key, pattern) for pattern in _patterns(key, value))


def condition(key: str, pattern: Pattern) -> CandidateTerm:
    """Return the condition that the value of a key matches a pattern."""
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
    """Return whether the text can be written to a file: lone surrogates cannot."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)
