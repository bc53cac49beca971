"""Comparison operators, one spelling for all keys that can be compared."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
"""What each operator does with the value of the subject and that of the search, longest spelling first."""

NOT_EQUAL: Final = "!="


def split_operator(text: str) -> tuple[str, str]:
    """The operator that a value begins with, or empty text, and the rest."""
    for spelling in (NOT_EQUAL, *COMPARISONS):
        if text.startswith(spelling):
            return spelling, text[len(spelling) :]
    return "", text
