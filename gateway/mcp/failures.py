"""Describes a call that was not done: the reason, the line that allows it, the next step, and when to retry."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import ValidationError
from redis.exceptions import RedisError

from vedette._core.printable import cropped, printable
from vedette._core.user_error import UserError
from vedette.access.agent_directory import AgentChangedError, AgentTokenError
from vedette.api import InvalidUpdateError, UnknownAssigneeError
from vedette.api.call import Answer, Hold
from vedette.api.errors import SentryError
from vedette.permissions.errors import AccessDenied, BudgetExhausted

Decision = Literal["denied", "observed", "proposed", "paused", "invalid", "failed", "unknown"]
NEVER: Final = "Do not retry."
_SHOWN: Final = 500
_PROPOSED: Final = "Ask `proposals` whether a person has decided; go on with other work until then."
_OBSERVED: Final = "Report to the person which write you propose."
_ASK: Final = "`what_may_i_do` lists your grant; `dry_run` tries a write without sending it."


@dataclass(frozen=True)
class Failure:
    """A call of a tool that was not carried out."""

    why: str
    decision: Decision = "failed"
    not_done: str = "Nothing was done."
    """The write that was not done, in a sentence."""
    to_allow: str = ""
    """The person who can allow it, and the line that does."""
    instead: str = ""
    """The next step of the agent."""
    retry: str = NEVER
    sentry_says: str = ""
    """The text of Sentry's answer."""
    proposal: str = ""
    audit: int | None = None
    """The number of the audit's entry."""

    def document(self) -> dict[str, Any]:
        """Return the failure for programs."""
        return {name: value for name, value in vars(self).items() if value not in ("", None)}

    def text(self) -> str:
        """Return the failure for a reader: a line for each part, and Sentry's own text as one JSON string."""
        said = f"Sentry says: {json.dumps(self.sentry_says, ensure_ascii=False)}" if self.sentry_says else ""
        parts = (self.not_done, f"Why: {self.why}", said, self.to_allow, self.instead, self.retry)
        return "\n".join(filter(None, parts))


class HeldBackError(UserError):
    """A write was not sent: it was only recorded, waits for a person, or is paused."""

    def __init__(self, hold: Hold, audit: int | None) -> None:
        self.hold = hold
        self.audit = audit
        super().__init__(f"held back: {hold.decision}")


class ToolError(UserError):
    """A tool cannot carry out a call."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.why)


def refuse_held(answer: Answer) -> None:
    """Check that a write was sent.

    Raises:
        HeldBackError: It was not.
    """
    if not answer.sent:
        raise HeldBackError(answer.held or Hold("observed"), answer.audit)


def failure_of(error: Exception, *, writes: bool) -> Failure:
    """Return the failure that describes an error.

    Args:
        error: The error.
        writes: Whether the tool writes, so that a write may have been done.
    """
    if isinstance(error, ToolError):
        return error.failure
    for kind, say in _SAID.items():
        if isinstance(error, kind):
            return say(error)
    return _interrupted(error, writes=writes)


def invalid(why: str, instead: str = "Correct the arguments and call again.") -> Failure:
    """Return the failure of arguments that cannot be used."""
    return Failure(why, "invalid", instead=instead)


def _held(error: HeldBackError) -> Failure:
    hold = error.hold
    intent = f"Not done: {printable(hold.intent)}." if hold.intent else "Not done."
    if hold.decision == "proposed":
        before = " already" if hold.is_repeated else ""
        why = f"it waits{before} for a person as proposal {hold.proposal}"
        allow = f"A person decides: `vedette approve {hold.proposal}` or `vedette reject {hold.proposal}`."
        return Failure(
            why, "proposed", intent, allow, _PROPOSED, "Do not send it again.", "", hold.proposal, error.audit
        )
    if hold.decision == "paused":
        why = f"writes are paused by {printable(hold.by) or 'a person'}"
        allow = "A person ends the pause with `vedette resume`."
        return Failure(why, "paused", intent, allow, "", "Retry only when a person says so.", audit=error.audit)
    why = "this agent is in mode observe: its writes are recorded and not sent"
    allow = 'An operator writes `mode = "propose"` or `mode = "act"` for the agent in vedette.toml.'
    return Failure(why, "observed", intent, allow, _OBSERVED, audit=error.audit)


def _denied(error: AccessDenied) -> Failure:
    allow = f"An operator can allow it: {error.denial.remedy}."
    retry = (
        "Retry within the next hour, as calls fall out of the budget." if isinstance(error, BudgetExhausted) else NEVER
    )
    return Failure(error.denial.reason, "denied", f"Not sent: {error.operation}.", allow, _ASK, retry)


def _of_sentry(error: SentryError) -> Failure:
    wait = error.retry_after
    retry = NEVER
    if error.retryable:
        retry = "Retry in some seconds." if wait is None else f"Retry after {max(1, round(wait))} s."
    not_done = f"Not done: {error.operation}."
    if error.outcome_unknown:
        not_done = f"It is unknown whether {error.operation} was done."
        retry = "Read the issue before you retry."
    says = cropped(error.detail.text, _SHOWN)
    return Failure(error.happened, "failed", not_done, instead=error.advice, retry=retry, sentry_says=says)


def _interrupted(error: Exception, *, writes: bool) -> Failure:
    """Return the failure of a call that is not its own cause."""
    if isinstance(error, RedisError):
        # The gate sends no write that it has not recorded, and does without the record of its outcome.
        why = "Vedette cannot reach its Redis, without which it neither checks nor records calls"
        return Failure(why, not_done="Nothing was sent.", retry="Retry after 5 s.")
    why = "Vedette made an error that it did not expect; its log has the traceback"
    if isinstance(error, TimeoutError):
        why = "it took longer than a call of a tool may"
    if not writes:
        return Failure(why)
    unknown = "It is unknown whether the write was done."
    return Failure(why, "unknown", unknown, retry="Read the issue before you retry.")


def _problems(error: ValidationError) -> str:
    """Return the problems of arguments, without their values."""
    found: list[str] = []
    for each in error.errors(include_input=False, include_url=False, include_context=False)[:5]:
        place = ".".join(str(part) for part in each["loc"]) or "arguments"
        found.append(f"{cropped(printable(place), 60)}: {printable(each['msg'].removeprefix('Value error, '))}")
    return "; ".join(found)


def _plain(error: Exception) -> str:
    return cropped(printable(str(error)).rstrip("."), _SHOWN)


def _user_error(error: UserError) -> Failure:
    return Failure(_plain(error), "denied" if isinstance(error, AgentTokenError) else "failed")


_SAID: Final[Mapping[type[Exception], Callable[[Any], Failure]]] = {
    HeldBackError: _held,
    AccessDenied: _denied,
    SentryError: _of_sentry,
    AgentChangedError: lambda error: Failure(_plain(error), not_done="Nothing was sent.", retry="Retry now."),
    UserError: _user_error,
    ValidationError: lambda error: invalid(_problems(error)),
    InvalidUpdateError: lambda error: invalid(_plain(error)),
    UnknownAssigneeError: lambda error: invalid(_plain(error)),
}
"""The description of each kind of error; the first that fits counts."""
