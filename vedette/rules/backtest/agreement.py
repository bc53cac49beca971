"""Compares the actions of rules with those of people.

The state in which people leave an issue within a time after the event is compared: an issue that is archived by
mistake and reopened a minute later does not count as archived.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from vedette.rules.actions.base import Intent
from vedette.rules.backtest.user_actions import UserAction
from vedette.search.matching.actors import team_identities, user_identities

WINDOW: Final = timedelta(days=7)
_Z: Final = 1.959964
"""Standard deviations of a normal distribution that contain 95 %."""


class AgreementOutcome(StrEnum):
    """The result of comparing a rule with the actions of people."""

    AGREED = "agreed"
    DISAGREED = "disagreed"
    NOBODY = "nobody"
    """No person acted on the field."""
    ALREADY = "already"
    """The issue had the state already: the rule would not have changed it."""
    UNCLEAR = "unclear"
    """The rule leads to no state of an issue, or to an unknown assignee."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome, and the action of a person that decided it."""

    outcome: AgreementOutcome
    act: UserAction | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a count, with its 95 % confidence interval (Wilson's)."""

    share: float
    low: float
    high: float


def share_of(part: int, whole: int) -> Share | None:
    """Return the share of a part; None where the whole is empty."""
    if whole <= 0:
        return None
    share, z = part / whole, _Z
    scale = 1 + z * z / whole
    middle = (share + z * z / (2 * whole)) / scale
    reach = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / scale
    return Share(share, max(0.0, middle - reach), min(1.0, middle + reach))


def compare_with_people(
    intents: Sequence[Intent],
    state: Mapping[str, Any],
    acts: Iterable[UserAction],
    at: datetime,
    *,
    window: timedelta = WINDOW,
) -> Judgement:
    """Compare the actions of a rule at a moment with those of people after it.

    Args:
        intents: The states that the actions of the rule lead to.
        state: The known state of the issue at the moment.
        acts: The actions of people, the oldest first.
        at: The moment.
        window: The time after it in which actions are compared.
    """
    after = [act for act in acts if at < act.at <= at + window]
    wanted = [each for intent in intents for each in _wanted(intent)]
    if not wanted:
        return Judgement(AgreementOutcome.UNCLEAR)
    if all(_has_state(key, value, state) for key, value in wanted):
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


def _has_state(key: str, wanted: Any, state: Mapping[str, Any]) -> bool:
    if key not in state:
        return False
    if key == "assignedTo":
        return _is_wanted(wanted, state[key]) is True
    return state[key] == wanted


def _is_wanted(wanted: frozenset[str], actor: Mapping[str, Any] | None) -> bool | None:
    """Return whether an assignee is a wanted one; None where its identities are not comparable."""
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
    """Compare with the last action on a field."""
    if key == "reviewed":
        review = next((act for act in reversed(acts) if act.reviewed), None)
        return Judgement(AgreementOutcome.AGREED if review else AgreementOutcome.NOBODY, review)
    last = next((act for act in reversed(acts) if key in act.changed), None)
    if last is None:
        return Judgement(AgreementOutcome.NOBODY)
    fits = _is_wanted(wanted, last.changed[key]) if key == "assignedTo" else last.changed[key] == wanted
    if fits is None:
        return Judgement(AgreementOutcome.UNCLEAR, last)
    return Judgement(AgreementOutcome.AGREED if fits else AgreementOutcome.DISAGREED, last)


def identities(actor: Mapping[str, Any] | None) -> frozenset[str]:
    """Return all identities of an assignee in facts and rules."""
    if actor is None:
        return frozenset()
    text = {name: str(value) for name, value in actor.items() if value is not None}
    if text.get("type") == "team":
        return frozenset(team_identities(text.get("id"), text.get("name")))
    username = (f"username:{text['username']}",) if "username" in text else ()
    return frozenset((*user_identities(text.get("id"), text.get("email")), *username))
