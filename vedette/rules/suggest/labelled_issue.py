"""What is learned from: issues of the past as a rule would have seen them, and what people chose to do with them.

Small on purpose, since a hundred thousand of them are held at once; whoever has the history makes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from sys import intern
from typing import Final, Literal, TypeAlias

from vedette.search import Facts

Kind: TypeAlias = Literal["assign", "archive", "resolve", "priority"]
KINDS: Final[tuple[Kind, ...]] = ("assign", "archive", "resolve", "priority")
DISMISSALS: Final[tuple[Kind, ...]] = ("archive", "resolve")
"""Choices after which nobody looks at the issue any more."""

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
"""Keys of searches that every payload about an issue answers, so that a rule made of them costs no call to decide."""


@dataclass(frozen=True, slots=True)
class LabelledIssue:
    """An issue of the past.

    Attributes:
        issue_id: its id.
        when: the moment a rule would have decided, in Unix seconds.
        features: the values of those keys of `FEATURES` that it has.
        choices: what a person chose, by kind: `{"assign": "#payments"}`, `{"archive": "until escalating"}`.
        touched: whether a person did anything at all with it. Those that nobody looked at say nothing.
    """

    issue_id: str
    when: float
    features: Mapping[str, str]
    choices: Mapping[Kind, str]
    touched: bool


def features_of(facts: Facts) -> dict[str, str]:
    """The features of an issue, read through the very facts that rules are decided on."""
    found = ((key, facts.get(key).values) for key in FEATURES)
    # Most values repeat themselves, and a hundred thousand issues are held at once.
    return {key: intern(str(values[0])) for key, values in found if values and isinstance(values[0], str)}
