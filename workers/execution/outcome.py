"""Makes the recorded outcome of an attempt, whatever the author's code raised and noted.

Nothing here may raise because of a text: an attempt without a recorded outcome would be in flight permanently.
"""

from dataclasses import dataclass, replace

from vedette._core.printable import error_text
from vedette.api.call import Call
from vedette.api.errors import SentryError
from vedette.authoring.context import MOST_NOTES, Context, list_notes
from vedette.authoring.retries import Drop, Retry
from vedette.events import InvalidPayload
from vedette.permissions.errors import AccessDenied
from vedette.plugins.author_errors import ForgottenAwaitError, format_error_line, format_traceback
from vedette.plugins.handler import Handler
from vedette.settings.settings import SettingsError, WorkerSettings
from vedette.store.deliveries.deliveries import DeliveryNotFoundError
from vedette.store.runs.attempts import AttemptOutcome, AttemptStart
from workers.execution.retry_policy import RetryDecision, decide_retry, resolve_policy


class HandlerTimeoutError(Exception):
    """A handler took longer than it may."""

    def __init__(self, handler: str, limit: float) -> None:
        self.handler = handler
        self.limit = limit
        super().__init__(f"{handler} was cut off after {limit:g} s: make it quicker, or raise worker.time_limit")


class CutOffCallError(SentryError):
    """A handler exceeded its time limit during a call to Sentry; the attempt does not count."""

    def __init__(self, handler: str, limit: float, call: Call, waited: float) -> None:
        super().__init__(call)
        self.handler = handler
        self.limit = limit
        self.waited = waited
        """Seconds since the call began."""

    @property
    def retryable(self) -> bool:
        """It can succeed later."""
        return True

    def __str__(self) -> str:
        return (
            f"{self.handler} was cut off after {self.limit:g} s while {self.method} {self.path} ({self.operation}) had "
            f"waited {self.waited:.3g} s for the rate limit or for Sentry's response: this attempt does not "
            "count, and another follows. Where Sentry is well, make the handler quicker, or raise worker.time_limit."
        )


class HandlerMissingError(Exception):
    """A run's handler is not loaded here."""

    def __init__(self, handler: str) -> None:
        self.handler = handler
        super().__init__(f"no handler {handler} is loaded: install or enable it, then replay the delivery")


class ProcessDeathsError(Exception):
    """A run's worker ended during its attempts again and again, so that it may well be the cause."""

    def __init__(self, crashes: int) -> None:
        self.crashes = crashes
        super().__init__(
            f"the worker's process ended during {crashes} attempts: look at what the handler does, then replay"
        )


_NO_TRACE = (SentryError, HandlerTimeoutError, SettingsError, Retry, Drop, DeliveryNotFoundError, ForgottenAwaitError)
"""Errors that need no traceback, since their text is complete."""


@dataclass(frozen=True)
class EndedAttempt:
    """One attempt that has ended."""

    context: Context
    handler: Handler | None
    known: AttemptStart
    error: Exception | None
    took: int
    """Milliseconds."""


def make_outcome(ended: EndedAttempt, settings: WorkerSettings) -> AttemptOutcome:
    """Return the outcome of an attempt; never raises."""
    try:
        outcome, record = _outcome(ended, settings), ended.context.record
        effect = _effect_of(outcome.state, ended)
        entries = tuple(ended.context.audit_entries[:MOST_NOTES])
        return replace(outcome, effect=effect, rules=tuple(record.rules), audit=entries, reasons=record.reasons)
    except Exception as broken:  # noqa: BLE001 - errors are objects of authors' classes, whose parts can be anything
        text = f"the end of this attempt could not be read: {format_error_line(broken)}"
        return AttemptOutcome("dead", (), ended.took, text, format_traceback(broken))


def _effect_of(state: str, ended: EndedAttempt) -> str:
    if state == "done":
        return ended.context.record.effect
    if state == "dropped":
        return "skipped"
    return "denied" if isinstance(ended.error, AccessDenied) else "failed"


def _outcome(ended: EndedAttempt, settings: WorkerSettings) -> AttemptOutcome:
    did, error = list_notes(ended.context), ended.error
    if error is None:
        return AttemptOutcome("done", did, ended.took)
    text = _first_line(error) if isinstance(error, Retry | Drop) else format_error_line(error)
    if isinstance(error, ProcessDeathsError):
        return AttemptOutcome("quarantined", did, ended.took, text)
    follow = _follow_up(ended, error, settings)
    return AttemptOutcome(
        follow.state,
        did,
        ended.took,
        text,
        "" if isinstance(error, _NO_TRACE) else format_traceback(error),
        wait=round(follow.wait * 1000),
        postponed=follow.postponed,
        bug=follow.bug,
        bugs=follow.bugs,
        hold=round(settings.hold * 1000),
        is_token_refused=follow.is_token_refused,
    )


def _follow_up(ended: EndedAttempt, error: Exception, settings: WorkerSettings) -> RetryDecision:
    if ended.handler is None or isinstance(error, DeliveryNotFoundError | InvalidPayload):
        return RetryDecision("dead")
    age = (ended.known.started - ended.known.queued - ended.known.held + ended.took) / 1000
    return decide_retry(error, ended.known, resolve_policy(ended.handler.options.retries, settings), age)


def _first_line(error: Exception) -> str:
    return next(iter(error_text(error).splitlines()), "")
