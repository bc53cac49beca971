"""Exceptions and their frames, as stored events carry them."""

from typing import Any

from pydantic import Field

from vedette.events.payload.fields import Items, Maybe, Object, Part, Payload, Values


class Frame(Payload):
    """One line of a stack trace."""

    function: Maybe[str]
    module: Maybe[str]
    filename: Maybe[str]
    abs_path: Maybe[str]
    lineno: Maybe[int]
    colno: Maybe[int]
    in_app: Maybe[bool]
    """Return whether the frame belongs to the project's own code."""
    context_line: Maybe[str]
    pre_context: Items[str]
    post_context: Items[str]
    package: Maybe[str]
    platform: Maybe[str]
    vars: Any = Field(default=None, repr=False)
    """Local variables as the SDK wrote them. They can hold people's data and secrets: do not log them."""


class Stacktrace(Payload):
    """Frames of one exception, the oldest call first."""

    frames: Items[Frame]


class ExceptionValue(Payload):
    """One exception of a chain."""

    type: Maybe[str]
    value: Maybe[str]
    """Its message."""
    module: Maybe[str]
    mechanism: Object
    """How the SDK caught it: `type`, `handled` and others."""
    stacktrace: Part[Stacktrace]

    @property
    def frames(self) -> list[Frame]:
        """Frames, the oldest call first; empty when there is no stack trace."""
        return self.stacktrace.frames

    @property
    def in_app_frames(self) -> list[Frame]:
        """Frames of the project's own code."""
        return [frame for frame in self.frames if frame.in_app]

    @property
    def is_handled(self) -> bool | None:
        """False when it crashed the program; None when the SDK does not say."""
        handled: object = self.mechanism.get("handled")
        return handled if isinstance(handled, bool) else None


Exceptions = Values[ExceptionValue]
"""A chain of exceptions, the cause first and the reported one last."""
