"""What counts as agreeing with a rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vedette.rules.actions.base import Intent
from vedette.rules.backtest.agreement import AgreementOutcome, compare_with_people, share_of
from vedette.rules.backtest.user_actions import UserAction

AT = datetime(2026, 10, 4, tzinfo=UTC)
PAYMENTS = {"type": "team", "id": "7", "name": "payments"}
MEI = {"type": "user", "id": "3", "name": "Mei", "email": "Mei@shop.example"}
STATE: dict[str, Any] = {"status": "unresolved", "assignedTo": None, "priority": "medium"}
TO_PAYMENTS = Intent(assignees=("#payments",))
TO_MEI = Intent(assignees=("email:mei@shop.example",))
ARCHIVED = Intent(status="ignored", substatus="archived_forever")
HIGH = Intent(priority="high")


def act(hours: float, **changed: Any) -> UserAction:
    return UserAction(AT + timedelta(hours=hours), "Mei", changed)


@pytest.mark.parametrize(
    ("intents", "acts", "expected"),
    [
        ([TO_PAYMENTS], [], AgreementOutcome.NOBODY),
        ([TO_PAYMENTS], [act(1, assignedTo=PAYMENTS)], AgreementOutcome.AGREED),
        ([TO_PAYMENTS], [act(1, assignedTo=MEI)], AgreementOutcome.DISAGREED),
        ([TO_PAYMENTS], [act(1, assignedTo=MEI), act(2, assignedTo=PAYMENTS)], AgreementOutcome.AGREED),
        ([TO_PAYMENTS], [act(1, assignedTo=PAYMENTS), act(2, assignedTo=None)], AgreementOutcome.DISAGREED),
        ([TO_PAYMENTS], [act(-1, assignedTo=PAYMENTS)], AgreementOutcome.NOBODY),
        ([TO_PAYMENTS], [act(24 * 8, assignedTo=PAYMENTS)], AgreementOutcome.NOBODY),
        ([TO_PAYMENTS], [act(1, assignedTo={"type": "team", "id": "9"})], AgreementOutcome.UNCLEAR),
        ([TO_PAYMENTS], [act(1, status="resolved")], AgreementOutcome.NOBODY),
        ([TO_MEI], [act(1, assignedTo=MEI)], AgreementOutcome.AGREED),
        ([TO_MEI], [act(1, assignedTo=PAYMENTS)], AgreementOutcome.DISAGREED),
        ([Intent(assignees=())], [act(1, assignedTo=PAYMENTS), act(2, assignedTo=None)], AgreementOutcome.ALREADY),
        ([ARCHIVED], [act(1, status="ignored")], AgreementOutcome.AGREED),
        ([ARCHIVED], [act(1, status="ignored"), act(2, status="unresolved")], AgreementOutcome.DISAGREED),
        ([ARCHIVED], [act(1, status="resolved")], AgreementOutcome.DISAGREED),
        ([HIGH], [act(1, priority="low")], AgreementOutcome.DISAGREED),
        ([HIGH, TO_PAYMENTS], [act(1, priority="high"), act(2, assignedTo=MEI)], AgreementOutcome.DISAGREED),
        ([HIGH, TO_PAYMENTS], [act(1, priority="high")], AgreementOutcome.AGREED),
        ([Intent(priority="medium")], [], AgreementOutcome.ALREADY),
        ([Intent(priority="medium"), HIGH], [], AgreementOutcome.NOBODY),
        (
            [Intent(reviewed=True)],
            [UserAction(AT + timedelta(hours=1), "Mei", {}, reviewed=True)],
            AgreementOutcome.AGREED,
        ),
        ([], [act(1, status="resolved")], AgreementOutcome.UNCLEAR),
        ([Intent()], [act(1, status="resolved")], AgreementOutcome.UNCLEAR),
    ],
)
def test_what_people_left_it_as_decides(
    intents: list[Intent], acts: list[UserAction], expected: AgreementOutcome
) -> None:
    assert compare_with_people(intents, STATE, acts, AT).outcome is expected


def test_what_is_not_known_of_the_moment_was_not_so_already() -> None:
    assert compare_with_people([Intent(priority="medium")], {}, [], AT).outcome is AgreementOutcome.NOBODY


def test_the_act_that_decided_is_named() -> None:
    last = act(2, assignedTo=MEI)
    assert compare_with_people([TO_PAYMENTS], STATE, [act(1, assignedTo=PAYMENTS), last], AT).act is last
    assert last.description == "assigned it to Mei"


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"), [(8, 10, 0.4902, 0.9433), (0, 5, 0.0, 0.4345), (1, 1, 0.2065, 1)]
)
def test_the_interval_is_wilson_s(part: int, whole: int, low: float, high: float) -> None:
    found = share_of(part, whole)
    assert found is not None
    assert (found.share, found.low, found.high) == pytest.approx((part / whole, low, high), abs=1e-4)


def test_nothing_has_no_share() -> None:
    assert share_of(0, 0) is None
