import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.api import OPERATIONS, Call, UnknownAssigneeError
from vedette.api.errors import (
    CallsHeld,
    Forbidden,
    NotAuthorized,
    RateLimited,
    SentryError,
    SentryTimeout,
    ServerError,
    TokenRefused,
    UnreadableAnswer,
)
from vedette.api.issue_update import InvalidUpdateError
from vedette.authoring.retries import Drop, PermanentError, Retries, Retry
from vedette.notify import NotificationFailed, NotificationRefused, UnknownChannelError
from vedette.plugins.author_errors import ForgottenAwaitError
from vedette.rules.execution.action_runner import RuleFailedError
from vedette.settings.problems import report_missing
from vedette.settings.settings import SettingsError, WorkerSettings
from vedette.store.runs.attempts import AttemptStart
from workers.execution.outcome import CutOffCallError
from workers.execution.retry_policy import TOKEN_WAIT, RetryDecision, decide_retry, resolve_policy

SETTINGS = WorkerSettings(attempts=4, retry_wait=2.0)
CALL = Call(OPERATIONS["issues.get"], {"organization_id_or_slug": "o", "issue_id": "1"})


def follow(
    error: Exception, attempt: int = 1, retries: Retries | None = None, age: float = 0.0, **known: int | str
) -> RetryDecision:
    beginning = AttemptStart("go", attempt=attempt, **known)  # type: ignore[arg-type]
    return decide_retry(error, beginning, resolve_policy(retries or Retries(), SETTINGS), age)


@pytest.mark.parametrize("error", [ValueError("x"), TimeoutError(), Retry()])
def test_what_may_get_better_is_tried_again_a_bounded_number_of_times(error: Exception) -> None:
    assert [follow(error, attempt).state for attempt in (1, 2, 3, 4)] == ["retrying"] * 3 + ["dead"]


@pytest.mark.parametrize(
    "error",
    [
        NotAuthorized(CALL, status=401),
        Forbidden(CALL, status=403),
        SettingsError((report_missing("x.token"),)),
        RuleFailedError(["could not assign: nobody is called nobody@example.com"]),
        UnknownAssigneeError("nobody@example.com", []),
        InvalidUpdateError("status", "?"),
        ForgottenAwaitError(["comment"]),
        ExceptionGroup("a task group", [ServerError(CALL, status=502), Forbidden(CALL, status=403)]),
    ],
)
def test_what_no_repetition_changes_ends_at_once(error: Exception) -> None:
    assert follow(error).state == "dead"


REFUSED = TokenRefused(CALL, status=401, sent=True)


def _raised_from(error: Exception, cause: Exception) -> Exception:
    try:
        try:
            raise cause
        except type(cause) as caught:
            raise error from caught
    except type(error) as raised:
        return raised


@pytest.mark.parametrize(
    "error",
    [
        REFUSED,
        ExceptionGroup("a task group", [REFUSED, ServerError(CALL, status=502)]),
        _raised_from(RuntimeError("could not triage"), REFUSED),
    ],
)
def test_a_refused_token_uses_up_nothing_however_old_the_run_is(error: Exception) -> None:
    found = follow(error, attempt=40, age=SETTINGS.max_age * 10, retries=Retries(attempts=1))
    assert (found.state, found.is_token_refused, found.postponed) == ("retrying", True, True)
    assert found.wait <= 1


def _raised_while_handling(error: Exception, cause: Exception, *, hides: bool) -> Exception:
    try:
        try:
            raise cause
        except type(cause):
            if hides:
                raise error from None
            raise error  # noqa: B904 - its context is what is tested
    except type(error) as raised:
        return raised


@pytest.mark.parametrize("hides", [False, True])
def test_a_refused_token_behind_another_error_counts_unless_it_is_hidden(hides: bool) -> None:
    found = follow(_raised_while_handling(RuntimeError("could not triage"), REFUSED, hides=hides))
    assert found.is_token_refused is not hides
    if not hides:
        assert found.wait == TOKEN_WAIT


def test_causes_in_a_circle_are_followed_once() -> None:
    one, other = RuntimeError("one"), RuntimeError("other")
    one.__cause__, other.__cause__ = other, one
    assert not follow(one).is_token_refused


@pytest.mark.parametrize(
    ("error", "state"), [(PermanentError("never"), "dead"), (Drop("none"), "dropped"), (Retry(after=7), "retrying")]
)
def test_what_an_author_decides_on_a_refused_token_counts(error: Exception, state: str) -> None:
    found = follow(_raised_from(error, REFUSED))
    assert (found.state, found.is_token_refused) == (state, False)


def test_sentry_s_own_trouble_uses_up_no_attempts_and_is_bounded_by_age() -> None:
    for attempt in (1, 4, 40):
        found = follow(ServerError(CALL, status=502), attempt, postponed=3)
        assert (found.state, found.postponed) == ("retrying", True)
        assert 16 * 0.79 < found.wait < 16 * 1.21
    assert follow(ServerError(CALL, status=502), age=SETTINGS.max_age).state == "dead"


@pytest.mark.parametrize(
    "error",
    [
        RateLimited(CALL, status=429, headers={"retry-after": "999999"}),
        ServerError(CALL, status=503, headers={"retry-after": "999999"}),
        CallsHeld(CALL, seconds=55.0, after_limit=True),
        SentryTimeout(CALL, cause="Timeout"),
        UnreadableAnswer(CALL, status=200),
    ],
)
def test_no_wait_or_answer_of_sentry_counts_as_a_handlers_attempt(error: SentryError) -> None:
    found = follow(error, attempt=6)
    assert (found.state, found.postponed) == ("retrying", True)
    assert found.wait <= 60
    assert found.wait >= (error.retry_after or 0)


def test_a_wait_that_sentry_asks_for_is_kept() -> None:
    assert follow(RateLimited(CALL, status=429, headers={"retry-after": "30"})).wait >= 30


def test_a_channel_s_trouble_is_waited_for_as_sentry_s_is_and_a_wrong_address_is_not() -> None:
    found = follow(NotificationFailed("ops", status=429, retry_after=90.0), 40)
    assert (found.state, found.postponed, found.wait >= 90) == ("retrying", True, True)
    assert follow(NotificationRefused("ops", status=404)).state == "dead"
    assert follow(UnknownChannelError("ops", ())).state == "dead"


def test_the_same_bug_three_times_in_a_row_ends_early() -> None:
    first = follow(TypeError("x"), 1)
    second = follow(TypeError("x"), 2, bug=first.bug, bugs=first.bugs)
    third = follow(TypeError("x"), 3, bug=second.bug, bugs=second.bugs)
    assert [one.state for one in (first, second, third)] == ["retrying", "retrying", "dead"]
    other = follow(NameError("x"), 3, bug=second.bug, bugs=second.bugs)
    assert (other.state, other.bugs) == ("retrying", 1)


def test_what_ends_for_its_attempts_or_its_age_says_whether_it_was_a_bug() -> None:
    attempts = follow(TypeError("x"), 4, bug="TypeError", bugs=1)
    assert (attempts.state, attempts.bug, attempts.bugs) == ("dead", "TypeError", 2)
    third = follow(TypeError("x"), 3, bug="TypeError", bugs=2)
    assert (third.state, third.bug, third.bugs) == ("dead", "TypeError", 3)
    old = follow(NameError("x"), 1, age=SETTINGS.max_age)
    assert (old.state, old.bug, old.bugs) == ("dead", "NameError", 1)
    plain = follow(ValueError("x"), 4)
    assert (plain.state, plain.bug, plain.bugs) == ("dead", "", 0)


def test_a_wait_that_ends_exactly_at_the_greatest_age_is_still_waited() -> None:
    assert follow(Retry(after=10), age=50, retries=Retries(max_age="1m")).state == "retrying"
    assert follow(Retry(after=10), age=50.5, retries=Retries(max_age="1m")).state == "dead"


def test_an_author_bounds_the_waits() -> None:
    waits = [follow(ValueError(), attempt, Retries(attempts=100, wait=1, longest="3s")).wait for attempt in (1, 2, 9)]
    assert [round(wait, 9) <= bound * 1.2 for wait, bound in zip(waits, (1, 2, 3), strict=True)] == [True] * 3


def test_without_a_word_of_sentry_the_first_wait_may_be_short() -> None:
    short = WorkerSettings(retry_wait=0.1)
    decision = decide_retry(
        ServerError(CALL, status=502), AttemptStart("go", attempt=1), resolve_policy(Retries(), short), 0.0
    )
    assert decision.wait < 0.2


def test_an_author_says_when_to_try_again_and_when_not() -> None:
    assert follow(Retry("not yet", after="5m")).wait == 300
    assert follow(Drop("nothing to do")).state == "dropped"
    assert follow(ValueError(), retries=Retries(attempts=1)).state == "dead"
    assert follow(ValueError(), age=50, retries=Retries(wait="20s", max_age="1m")).state == "dead"


@given(st.integers(1, 99))
def test_waits_double_up_to_the_longest_and_are_spread(attempt: int) -> None:
    wait = follow(ValueError(), attempt, Retries(attempts=100)).wait
    expected = min(2.0 * 2 ** (attempt - 1), SETTINGS.longest_wait)
    assert expected * 0.79 <= wait <= expected * 1.21


def test_a_task_group_s_trouble_with_sentry_counts_no_more_than_its_own() -> None:
    slow = CutOffCallError("reader", 60.0, CALL, 58.0)
    for error in (ServerError(CALL, status=502), slow):
        found = follow(ExceptionGroup("tasks", [ExceptionGroup("inner", [error])]))
        assert (found.state, found.postponed) == ("retrying", True)
    found = follow(ExceptionGroup("tasks", [ServerError(CALL, status=502), ValueError("own")]))
    assert (found.state, found.postponed) == ("retrying", False)
