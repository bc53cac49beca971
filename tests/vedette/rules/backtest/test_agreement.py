"""What counts as agreeing with a rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vedette.rules.actions.base import Intent
from vedette.rules.backtest.agreement import Outcome, judge, share_of
from vedette.rules.backtest.user_actions import Act

AT = datetime(2026, 10, 4, tzinfo=UTC)
PAYMENTS = {"type": "team", "id": "7", "name": "payments"}
MEI = {"type": "user", "id": "3", "name": "Mei", "email": "Mei@shop.example"}
STATE: dict[str, Any] = {"status": "unresolved", "assignedTo": None, "priority": "medium"}
TO_PAYMENTS = Intent(assignees=("#payments",))
TO_MEI = Intent(assignees=("email:mei@shop.example",))
ARCHIVED = Intent(status="ignored", substatus="archived_forever")
HIGH = Intent(priority="high")


def act(hours: float, **changed: Any) -> Act:
    return Act(AT + timedelta(hours=hours), "Mei", changed)


@pytest.mark.parametrize(
    ("intents", "acts", "expected"),
    [
        ([TO_PAYMENTS], [], Outcome.NOBODY),
        ([TO_PAYMENTS], [act(1, assignedTo=PAYMENTS)], Outcome.AGREED),
        ([TO_PAYMENTS], [act(1, assignedTo=MEI)], Outcome.DISAGREED),
        ([TO_PAYMENTS], [act(1, assignedTo=MEI), act(2, assignedTo=PAYMENTS)], Outcome.AGREED),
        ([TO_PAYMENTS], [act(1, assignedTo=PAYMENTS), act(2, assignedTo=None)], Outcome.DISAGREED),
        ([TO_PAYMENTS], [act(-1, assignedTo=PAYMENTS)], Outcome.NOBODY),
        ([TO_PAYMENTS], [act(24 * 8, assignedTo=PAYMENTS)], Outcome.NOBODY),
        ([TO_PAYMENTS], [act(1, assignedTo={"type": "team", "id": "9"})], Outcome.UNCLEAR),
        ([TO_PAYMENTS], [act(1, status="resolved")], Outcome.NOBODY),
        ([TO_MEI], [act(1, assignedTo=MEI)], Outcome.AGREED),
        ([TO_MEI], [act(1, assignedTo=PAYMENTS)], Outcome.DISAGREED),
        ([Intent(assignees=())], [act(1, assignedTo=PAYMENTS), act(2, assignedTo=None)], Outcome.ALREADY),
        ([ARCHIVED], [act(1, status="ignored")], Outcome.AGREED),
        ([ARCHIVED], [act(1, status="ignored"), act(2, status="unresolved")], Outcome.DISAGREED),
        ([ARCHIVED], [act(1, status="resolved")], Outcome.DISAGREED),
        ([HIGH], [act(1, priority="low")], Outcome.DISAGREED),
        ([HIGH, TO_PAYMENTS], [act(1, priority="high"), act(2, assignedTo=MEI)], Outcome.DISAGREED),
        ([HIGH, TO_PAYMENTS], [act(1, priority="high")], Outcome.AGREED),
        ([Intent(priority="medium")], [], Outcome.ALREADY),
        ([Intent(priority="medium"), HIGH], [], Outcome.NOBODY),
        ([Intent(reviewed=True)], [Act(AT + timedelta(hours=1), "Mei", {}, reviewed=True)], Outcome.AGREED),
        ([], [act(1, status="resolved")], Outcome.UNCLEAR),
        ([Intent()], [act(1, status="resolved")], Outcome.UNCLEAR),
    ],
)
def test_what_people_left_it_as_decides(intents: list[Intent], acts: list[Act], expected: Outcome) -> None:
    assert judge(intents, STATE, acts, AT).outcome is expected


def test_what_is_not_known_of_the_moment_was_not_so_already() -> None:
    assert judge([Intent(priority="medium")], {}, [], AT).outcome is Outcome.NOBODY


def test_the_act_that_decided_is_named() -> None:
    last = act(2, assignedTo=MEI)
    assert judge([TO_PAYMENTS], STATE, [act(1, assignedTo=PAYMENTS), last], AT).act is last
    assert last.words == "assigned it to Mei"


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"), [(8, 10, 0.4902, 0.9433), (0, 5, 0.0, 0.4345), (1, 1, 0.2065, 1)]
)
def test_the_interval_is_wilson_s(part: int, whole: int, low: float, high: float) -> None:
    found = share_of(part, whole)
    assert found is not None
    assert (found.share, found.low, found.high) == pytest.approx((part / whole, low, high), abs=1e-4)


def test_nothing_has_no_share() -> None:
    assert share_of(0, 0) is None
