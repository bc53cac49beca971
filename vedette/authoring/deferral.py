"""Defines the name and data of a run that a handler defers with `ctx.later(...)`."""

import json
import re
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

LARGEST_DATA = 16_384
"""Characters of JSON: a reminder points at things, it does not carry them."""
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class UnusableReminderError(ValueError):
    """`ctx.later(...)` was called with a name or data that cannot be stored."""


@dataclass(frozen=True)
class Reminder:
    """The name and data of a deferred run, as its handler gave them to `ctx.later`."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The data that `ctx.later` was called with."""

    def data_as_json(self) -> str:
        """Return the data in the form that is stored in Redis."""
        return json.dumps(dict(self.data))


DeferRun = Callable[[float, Reminder], Awaitable[str]]
"""Defers a run of a handler by a number of seconds; the result is the run's id."""


class AwaitableName(str):
    """The id of a run that a plain handler deferred, where nothing can be awaited; awaiting it returns it."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, str]:
        """Return the id."""
        return self
        yield  # what makes it a generator


def make_reminder(name: str, data: Mapping[str, Any] | None) -> Reminder:
    """Check the name and data that a handler gives.

    Raises:
        UnusableReminderError: Saying what would be right.
    """
    if not _NAME.fullmatch(name):
        raise UnusableReminderError(f"{name!r} cannot name a reminder: write up to 64 letters, digits, `_`, `.` or `-`")
    try:
        size = len(json.dumps(dict(data or {})))
    except (TypeError, ValueError) as error:
        raise UnusableReminderError(f"the data of reminder {name} cannot be written as JSON: {error}") from None
    if size > LARGEST_DATA:
        raise UnusableReminderError(
            f"the data of reminder {name} is {size} characters of JSON, and {LARGEST_DATA} can be kept: "
            "keep the ids of things, and look them up again"
        )
    return Reminder(name, dict(data or {}))


def read_reminder(name: str | None, data: str) -> Reminder | None:
    """Return the reminder of a deferred run, or None for an ordinary run."""
    return None if name is None else Reminder(name, json.loads(data or "{}"))
