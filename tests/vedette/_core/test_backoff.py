"""Waits that double."""

import pytest

from vedette._core.backoff import Backoff


def test_the_wait_doubles_up_to_the_limit() -> None:
    backoff = Backoff(first=0.5, longest=3.0)
    assert [backoff.after(failures) for failures in range(1, 6)] == [0.5, 1.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize("failures", [60, 2000, 10**9])
def test_any_number_of_failures_ends_at_the_limit(failures: int) -> None:
    assert Backoff(first=0.05, longest=30.0).after(failures) == 30.0


def test_no_wait_stays_no_wait() -> None:
    assert Backoff(first=0.0, longest=30.0).after(7) == 0.0
