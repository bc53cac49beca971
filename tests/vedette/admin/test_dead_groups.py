"""Dead letters of one cause are one group, whatever ids and numbers their errors name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.admin.dead_groups import group_letters, group_of
from vedette.store.deliveries.deliveries import DeliverySummary
from vedette.store.runs.dead_letters import DeadLetter
from vedette.store.runs.run import Run


def run_of(error: str | None, handler: str = "triage", ended: int = 1) -> Run:
    return Run(f"d{ended}", handler, "act", "dead", 3, 1, 1, ended, 1, (), error)


def letter_of(error: str, handler: str = "triage", ended: int = 1) -> DeadLetter:
    delivery = DeliverySummary(
        *("d1", "default", "webhook", "issue", "created", "issue:42", "42", "SHOP-1", "KeyError"),
        *(1, 10, None, 0, 0, ("triage",), 1),
    )
    return DeadLetter(run_of(error, handler, ended), delivery)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NotAuthorized: 401 for SHOP-4K", "NotAuthorized: 401 for FERRY-API-9Z"),
        ("KeyError: 17", "KeyError: 4711"),
        ("gone: <object at 0x7f12ab>", "gone: <object at 0x7f99cd>"),
        ("no answer\nTraceback of one", "no answer\nTraceback of another"),
    ],
)
def test_what_varies_makes_no_other_group(one: str, other: str) -> None:
    assert group_of(run_of(one)) == group_of(run_of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [(run_of("KeyError: a"), run_of("KeyError: b")), (run_of("KeyError", "triage"), run_of("KeyError", "notify"))],
)
def test_another_error_or_handler_is_another_group(one: Run, other: Run) -> None:
    assert group_of(one) != group_of(other)


@given(st.none() | st.text())
def test_any_error_has_a_group(error: str | None) -> None:
    assert len(group_of(run_of(error))) == 8


def test_the_largest_group_is_first_and_its_newest_letter_too() -> None:
    letters = [letter_of("KeyError: 1", ended=5), letter_of("gone", ended=9), letter_of("KeyError: 2", ended=7)]
    many, one = group_letters(letters)
    assert [letter.run.ended for letter in many.letters] == [7, 5]
    assert (many.first, many.last, many.error) == (5, 7, "KeyError: 2")
    assert len(one.letters) == 1
