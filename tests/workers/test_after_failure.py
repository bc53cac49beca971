import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.api import OPERATIONS, Call
from vedette.api.errors import Forbidden, NotAuthorized, RateLimited, ServerError
from vedette.settings import SettingsError, WorkerSettings
from vedette.settings_errors import missing_setting
from workers.run import LONGEST_WAIT, after_failure

SETTINGS = WorkerSettings(attempts=4, retry_wait=2.0)
CALL = Call(OPERATIONS["issues.get"], {"organization_id_or_slug": "o", "issue_id": "1"})


@pytest.mark.parametrize("error", [ValueError("x"), TimeoutError(), ServerError(CALL, status=502)])
def test_what_may_get_better_is_tried_again_a_bounded_number_of_times(error: Exception) -> None:
    assert [after_failure(error, attempt, SETTINGS) is None for attempt in (1, 2, 3, 4)] == [False, False, False, True]


@pytest.mark.parametrize(
    "error",
    [NotAuthorized(CALL, status=401), Forbidden(CALL, status=403), SettingsError((missing_setting("x.token"),))],
)
def test_what_no_repetition_changes_ends_at_once(error: Exception) -> None:
    assert after_failure(error, 1, SETTINGS) is None


def test_a_wait_that_sentry_asks_for_is_kept() -> None:
    again = after_failure(RateLimited(CALL, status=429, headers={"retry-after": "30"}), 1, SETTINGS)
    assert again is not None
    assert again.wait >= 30


@given(st.integers(1, 99))
def test_waits_double_up_to_an_hour_and_are_spread(attempt: int) -> None:
    again = after_failure(ValueError(), attempt, WorkerSettings(attempts=100, retry_wait=2.0))
    assert again is not None
    expected = min(2.0 * 2 ** (attempt - 1), LONGEST_WAIT)
    assert expected * 0.79 <= again.wait <= expected * 1.21
