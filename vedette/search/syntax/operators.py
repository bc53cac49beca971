"""Defines the comparison operators, with one spelling for all keys."""

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
"""The function of each operator on the value of the subject and that of the search, longest spelling first."""

NOT_EQUAL: Final = "!="


def split_operator(text: str) -> tuple[str, str]:
    """Return the operator that a value begins with, or empty text, and the rest."""
    for spelling in (NOT_EQUAL, *COMPARISONS):
        if text.startswith(spelling):
            return spelling, text[len(spelling) :]
    return "", text
