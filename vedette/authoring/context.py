"""Defines the context of a run, the argument `ctx` of handlers."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette._core.durations import parse_duration
from vedette._core.printable import printable
from vedette.authoring.deferral import DeferRun, Reminder, make_reminder
from vedette.authoring.run_record import RunRecord
from vedette.plugins.author_errors import format_value
from vedette.settings.settings import Mode

MOST_NOTES = 200
"""Notes that are kept of one attempt."""
LONGEST_NOTES = 65_536
"""Characters that all notes of one attempt have together."""


@dataclass
class Context:
    """One attempt of one handler on one delivery; the argument `ctx`."""

    delivery: str
    """The delivery's id."""
    handler: str
    """The handler's name."""
    attempt: int
    """1 on the first try."""
    mode: Mode
    """The mode of the handler's writes."""
    stands_for: int = 1
    """The number of events that this run is for; more than 1 only with `coalesce`, and then `event` is the newest."""
    done: list[str] = field(default_factory=list[str])
    """The notes of this attempt so far, in order."""
    audit_entries: list[int] = field(default_factory=list[int])
    """The numbers of the audit's entries about writes of this attempt, in order."""
    record: RunRecord = field(default_factory=RunRecord, repr=False)
    """The results of this attempt's writes and the rules that matched, for programs."""
    reminder: Reminder | None = None
    """The name and data that `later` was called with, in a deferred run; None in an ordinary run."""
    _left_out: int = field(default=0, init=False, repr=False)
    deadline: float | None = None
    """The end of this attempt's time limit, on the clock of `time.monotonic`; None without a limit."""
    defer_run: DeferRun | None = field(default=None, repr=False)
    """The function that defers a run for `later`; set by the executor."""

    def note(self, sentence: str) -> None:
        """Add a sentence to the notes of this run; writes through `sentry` add theirs automatically.

        Control and invisible characters are spelled out. Of a note, 4096 characters are kept, and of one attempt 200
        notes; the run says how many were left out.
        """
        if len(self.done) < MOST_NOTES:
            self.done.append(printable(format_value(sentence)))
        else:
            self._left_out += 1

    def later(self, after: float | str, name: str, data: Mapping[str, Any] | None = None) -> Awaitable[str]:
        """Run this handler again on the same event, not before `after` has passed: `await ctx.later("30m", "look")`.

        The deferred run has `ctx.reminder`, and is retried, ordered and limited like any other. It is stored at once,
        whether or not this attempt succeeds. Another call with the same name, as in a retry, changes nothing; in the
        deferred run itself it defers one more run.

        A plain `def` calls it without `await`.

        Args:
            after: Seconds, or a text such as `30m`.
            name: Identifies the deferred run: letters, digits, `_`, `.` and `-`.
            data: A JSON object for `ctx.reminder.data`.

        Returns:
            The run's id, which `vedette schedule cancel` takes.

        Raises:
            UnusableReminderError: For a name or data that cannot be kept.
            UnreadableDurationError: For a time that cannot be read.
        """
        if self.defer_run is None:
            raise RuntimeError("no run can be deferred here: call a handler with a worker or with sentry_world.deliver")
        return self.defer_run(parse_duration(after), make_reminder(name, data))


def list_notes(context: Context) -> tuple[str, ...]:
    """Return the notes, limited in number and size, as texts that can be stored; the last counts omitted ones."""
    kept: list[str] = []
    size = 0
    for sentence in context.done[:MOST_NOTES]:
        text = format_value(sentence)
        size += len(text)
        if size > LONGEST_NOTES:
            break
        kept.append(text)
    left_out = context._left_out + len(context.done) - len(kept)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # no part of what handlers see
    return (*kept, f"{left_out} more notes were left out") if left_out else tuple(kept)
