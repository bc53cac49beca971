"""Decides whether and when a failed attempt is retried: a pure function of the error and the run's history."""

import random
from dataclasses import dataclass
from typing import Literal, cast

from vedette._core.backoff import Backoff
from vedette._core.durations import parse_duration
from vedette.api import UnknownAssigneeError
from vedette.api.errors import SentryError, TokenRefused
from vedette.api.issue_update import InvalidUpdateError
from vedette.authoring.retries import Drop, PermanentError, Retries, Retry
from vedette.notify import NotificationError
from vedette.settings.settings import SettingsError, WorkerSettings
from vedette.store.runs.attempts import AttemptStart

BUGS = (TypeError, AttributeError, NameError)
"""Errors that are mistakes of the handler's code as a rule, which no repetition corrects."""
BUGS_IN_A_ROW = 3
TOKEN_WAIT = 1.0
"""Seconds until a run is retried if its token works again by now, or if Redis does not know of the refusal yet."""


@dataclass(frozen=True)
class RunRetryPolicy:
    """A handler's `Retries` with everything said."""

    attempts: int
    wait: float
    """Seconds, as are the others."""
    longest: float
    max_age: float

    def backoff(self, failures: int) -> float:
        """Return the wait after so many failures: doubled each time, spread by a fifth."""
        plain = Backoff(self.wait, self.longest).after(failures)
        return plain * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


@dataclass(frozen=True)
class RetryDecision:
    """The new state of the run."""

    state: Literal["retrying", "dead", "dropped"]
    wait: float = 0.0
    """Seconds until the next attempt."""
    postponed: bool = False
    """The attempt does not count."""
    bug: str = ""
    bugs: int = 0
    is_token_refused: bool = False
    """Sentry refused the token: the run waits until one works, for as long as that takes."""


DEAD = RetryDecision("dead")


def resolve_policy(retries: Retries, settings: WorkerSettings) -> RunRetryPolicy:
    """Fill what a handler leaves unsaid from the settings."""
    return RunRetryPolicy(
        settings.attempts if retries.attempts is None else retries.attempts,
        settings.retry_wait if retries.wait is None else parse_duration(retries.wait),
        settings.longest_wait if retries.longest is None else parse_duration(retries.longest),
        settings.max_age if retries.max_age is None else parse_duration(retries.max_age),
    )


def decide_retry(error: BaseException, known: AttemptStart, policy: RunRetryPolicy, age: float) -> RetryDecision:
    """Decide what follows on a failed attempt.

    Args:
        error: What the handler raised.
        known: The attempt, and what went before.
        policy: How the handler's runs are repeated.
        age: Seconds since the run was decided.
    """
    if isinstance(error, Drop):
        return RetryDecision("dropped")
    if _is_token_refused(error):
        return RetryDecision("retrying", TOKEN_WAIT, postponed=True, is_token_refused=True)
    found = _wish(error, known, policy)
    if found.state == "retrying" and age + found.wait > policy.max_age:
        return RetryDecision("dead", bug=found.bug, bugs=found.bugs)
    return found


def essence(error: BaseException) -> BaseException:
    """Return the error that decides about a retry: from an exception group the most specific one, else itself."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    errors = [essence(one) for one in cast("BaseExceptionGroup[BaseException]", error).exceptions]
    others = [one for one in errors if not isinstance(one, SentryError | NotificationError)]
    final = [one for one in errors if isinstance(one, SentryError | NotificationError) and not one.retryable]
    return next(iter([*others, *final, *errors]))


def _is_token_refused(error: BaseException) -> bool:
    """Return whether the attempt ended for the token, also where the handler raised an error of its own from it.

    What an author decided counts: a permanent error stays one, and so does a wait that was asked for.
    """
    cause: BaseException | None = essence(error)
    if isinstance(cause, PermanentError | Retry | SettingsError):
        return False
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        if isinstance(cause, TokenRefused):
            return True
        seen.add(id(cause))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return False


def _wish(error: BaseException, known: AttemptStart, policy: RunRetryPolicy) -> RetryDecision:
    error = essence(error)
    if isinstance(error, SettingsError | PermanentError | UnknownAssigneeError | InvalidUpdateError):
        return DEAD
    if isinstance(error, SentryError | NotificationError):
        if not error.retryable:
            return DEAD
        wait = max(policy.backoff(known.postponed + 1), error.retry_after or 0.0)
        return RetryDecision("retrying", wait, postponed=True)
    bug, bugs = "", 0
    if isinstance(error, BUGS):
        bug = type(error).__name__
        bugs = known.bugs + 1 if known.bug == bug else 1
        if bugs >= BUGS_IN_A_ROW:
            return RetryDecision("dead", bug=bug, bugs=bugs)
    if known.attempt >= policy.attempts:
        return RetryDecision("dead", bug=bug, bugs=bugs)
    asked = error.after if isinstance(error, Retry) else None
    wait = policy.backoff(known.attempt) if asked is None else asked
    return RetryDecision("retrying", wait, bug=bug, bugs=bugs)
