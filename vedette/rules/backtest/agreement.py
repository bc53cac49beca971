"""Whether people then did what a rule would have done: the figure by which a rule is trusted, or not.

What counts is what people left the issue as within a time after the event: whoever archives by mistake and takes it
back a minute later did not want it archived.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from vedette.rules.actions.base import Intent
from vedette.rules.backtest.people import identities
from vedette.rules.backtest.user_actions import UserAction

WINDOW: Final = timedelta(days=7)
_Z: Final = 1.959964
"""Of a normal distribution: 95 % lie within so many standard deviations."""


class AgreementOutcome(StrEnum):
    """How a rule's proposal compares with what people did."""

    AGREED = "agreed"
    DISAGREED = "disagreed"
    NOBODY = "nobody"
    """Nobody did anything that it could be held against."""
    ALREADY = "already"
    """It was so already: the rule would have done nothing."""
    UNCLEAR = "unclear"
    """It leads to nothing that shows in an issue, or to nobody who is known."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome, and the act of a person that decided it."""

    outcome: AgreementOutcome
    act: UserAction | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a count, with the interval in which the true one lies in 95 of 100 cases (Wilson's)."""

    share: float
    low: float
    high: float


def share_of(part: int, whole: int) -> Share | None:
    """How large a part is; None of nothing."""
    if whole <= 0:
        return None
    share, z = part / whole, _Z
    scale = 1 + z * z / whole
    middle = (share + z * z / (2 * whole)) / scale
    reach = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / scale
    return Share(share, max(0.0, middle - reach), min(1.0, middle + reach))


def judge(
    intents: Sequence[Intent],
    state: Mapping[str, Any],
    acts: Iterable[UserAction],
    at: datetime,
    *,
    window: timedelta = WINDOW,
) -> Judgement:
    """Hold what a rule wanted at a moment against what people did after it.

    Args:
        intents: what its actions lead to.
        state: what the issue was like, as far as is known.
        acts: what people did, the oldest first.
        at: the moment.
        window: for how long after it acts count.
    """
    after = [act for act in acts if at < act.at <= at + window]
    wanted = [each for intent in intents for each in _wanted(intent)]
    if not wanted:
        return Judgement(AgreementOutcome.UNCLEAR)
    if all(_is_so(key, value, state) for key, value in wanted):
        return Judgement(AgreementOutcome.ALREADY)
    found = [_compared(key, value, after) for key, value in wanted]
    for outcome in (AgreementOutcome.DISAGREED, AgreementOutcome.AGREED, AgreementOutcome.UNCLEAR):
        for one in found:
            if one.outcome is outcome:
                return one
    return Judgement(AgreementOutcome.NOBODY)


def _wanted(intent: Intent) -> list[tuple[str, Any]]:
    fields = (
        ("status", intent.status),
        ("assignedTo", None if intent.assignees is None else frozenset(map(_folded, intent.assignees))),
        ("priority", intent.priority),
        ("reviewed", intent.reviewed),
    )
    return [(key, value) for key, value in fields if value is not None]


def _folded(identity: str) -> str:
    return identity if identity.startswith("username:") else identity.lower()


def _is_so(key: str, wanted: Any, state: Mapping[str, Any]) -> bool:
    if key not in state:
        return False
    if key == "assignedTo":
        return _fits(wanted, state[key]) is True
    return state[key] == wanted


def _fits(wanted: frozenset[str], actor: Mapping[str, Any] | None) -> bool | None:
    """Whether somebody is one of those wanted; None where they are not known by such names."""
    if not wanted or actor is None:
        return not wanted and actor is None
    known = identities(actor)
    if known & wanted:
        return True
    of_team = actor.get("type") == "team"
    same_kind = [one for one in wanted if _is_team(one) == of_team]
    kinds = {_kind(one) for one in known}
    return None if any(_kind(one) not in kinds for one in same_kind) else False


def _is_team(identity: str) -> bool:
    return identity.startswith(("#", "team:"))


def _kind(identity: str) -> str:
    return "#" if identity.startswith("#") else identity.partition(":")[0]


def _compared(key: str, wanted: Any, acts: list[UserAction]) -> Judgement:
    """What the last act on this field says."""
    if key == "reviewed":
        review = next((act for act in reversed(acts) if act.reviewed), None)
        return Judgement(AgreementOutcome.AGREED if review else AgreementOutcome.NOBODY, review)
    last = next((act for act in reversed(acts) if key in act.changed), None)
    if last is None:
        return Judgement(AgreementOutcome.NOBODY)
    fits = _fits(wanted, last.changed[key]) if key == "assignedTo" else last.changed[key] == wanted
    if fits is None:
        return Judgement(AgreementOutcome.UNCLEAR, last)
    return Judgement(AgreementOutcome.AGREED if fits else AgreementOutcome.DISAGREED, last)
