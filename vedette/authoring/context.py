"""What a handler knows of the run it is in."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette._core.durations import seconds
from vedette._core.printable import printable
from vedette.authoring.deferral import PutOff, Reminder, make_reminder
from vedette.plugins.author_errors import text_of
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
    """What the handler's writes become."""
    stands_for: int = 1
    """How many events this run is for; more than 1 only where they are gathered, and then `event` is the newest."""
    done: list[str] = field(default_factory=list[str])
    """What was done so far, in plain English, in order."""
    reminder: Reminder | None = None
    """What this handler gave itself with `later`, in the run that it put off; None in an ordinary run."""
    _left_out: int = field(default=0, init=False, repr=False)
    deadline: float | None = None
    """When this attempt is cut off, on the clock of `time.monotonic`; None where nothing cuts it off."""
    put_off: PutOff | None = field(default=None, repr=False)
    """How `later` is done; whoever runs the handler sets it."""

    def note(self, sentence: str) -> None:
        """Add to what this run says it did; writes through `sentry` note themselves.

        Control and invisible characters are spelled out. Of a note, 4096 characters are kept, and of one attempt 200
        notes; the run says how many were left out.
        """
        if len(self.done) < MOST_NOTES:
            self.done.append(printable(text_of(sentence)))
        else:
            self._left_out += 1

    def later(self, after: float | str, name: str, data: Mapping[str, Any] | None = None) -> Awaitable[str]:
        """Run this handler again on the same event, not before `after` has passed: `await ctx.later("30m", "look")`.

        That run has `ctx.reminder`, and is retried, ordered and limited like any other. It is kept from now on,
        whatever becomes of this attempt. Asking again under the same name, as a repeated attempt does, changes nothing;
        in the run that was put off it asks for one more.

        A plain `def` calls it without `await`.

        Args:
            after: Seconds, or a text such as `30m`.
            name: Tells what is put off apart: letters, digits, `_`, `.` and `-`.
            data: A JSON object for `ctx.reminder.data`.

        Returns:
            The run's id, which `vedette schedule cancel` takes.

        Raises:
            UnusableReminderError: For a name or data that cannot be kept.
            UnreadableDurationError: For a time that cannot be read.
        """
        if self.put_off is None:
            raise RuntimeError(
                "there is no run to put off here: a worker, or sentry_world.deliver, gives a handler one"
            )
        return self.put_off(seconds(after), make_reminder(name, data))


def notes_of(context: Context) -> tuple[str, ...]:
    """Return what was done, bounded and as texts that can be stored; the last says how many were left out."""
    kept: list[str] = []
    size = 0
    for sentence in context.done[:MOST_NOTES]:
        text = text_of(sentence)
        size += len(text)
        if size > LONGEST_NOTES:
            break
        kept.append(text)
    left_out = context._left_out + len(context.done) - len(kept)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # no part of what handlers see
    return (*kept, f"{left_out} more notes were left out") if left_out else tuple(kept)
