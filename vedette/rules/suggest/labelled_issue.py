"""Defines the training data: issues of the past with their facts, and the choices of people.

They are small, since a hundred thousand of them are in memory at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from sys import intern
from typing import Final, Literal, TypeAlias

from vedette.search import Facts

Kind: TypeAlias = Literal["assign", "archive", "resolve", "priority"]
KINDS: Final[tuple[Kind, ...]] = ("assign", "archive", "resolve", "priority")
DISMISSALS: Final[tuple[Kind, ...]] = ("archive", "resolve")
"""Choices that dismiss an issue."""

FEATURES: Final = (
    "project",
    "level",
    "platform",
    "logger",
    "issue.category",
    "issue.type",
    "error.type",
    "location",
    "culprit",
    "title",
)
"""Search keys with a value in every payload about an issue, so that a rule with them needs no API call to decide."""


@dataclass(frozen=True, slots=True)
class LabelledIssue:
    """An issue of the past.

    Attributes:
        issue_id: The id.
        when: The time when a rule would have decided, in Unix seconds.
        features: The values of the keys of `FEATURES` that it has.
        choices: The choices of people, by kind: `{"assign": "#payments"}`, `{"archive": "until escalating"}`.
        touched: Whether a person acted on it at all. Other issues are no evidence.
    """

    issue_id: str
    when: float
    features: Mapping[str, str]
    choices: Mapping[Kind, str]
    touched: bool


def features_of(facts: Facts) -> dict[str, str]:
    """Return the features of an issue, from the facts that rules are decided by."""
    found = ((key, facts.get(key).values) for key in FEATURES)
    # Most values are repeated, and a hundred thousand issues are in memory at once.
    return {key: intern(str(values[0])) for key, values in found if values and isinstance(values[0], str)}
