"""Answers keys from the exceptions of an event, with a value for each exception or frame."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from vedette.events import ExceptionValue, Frame
from vedette.search.facts.answers import ABSENT, Answer, answer_of

_OF_FRAMES: Final[Mapping[str, Callable[[Frame], str | int | bool | None]]] = {
    "stack.filename": lambda frame: frame.filename,
    "stack.module": lambda frame: frame.module,
    "stack.function": lambda frame: frame.function,
    "stack.abs_path": lambda frame: frame.abs_path,
    "stack.package": lambda frame: frame.package,
    "stack.lineno": lambda frame: frame.lineno,
    "stack.colno": lambda frame: frame.colno,
    "stack.in_app": lambda frame: frame.in_app,
}

_OF_EXCEPTIONS: Final[Mapping[str, Callable[[ExceptionValue], object]]] = {
    "error.type": lambda exception: exception.type,
    "error.value": lambda exception: exception.value,
    "error.mechanism": lambda exception: exception.mechanism.get("type"),
}


def exceptions_answer(exceptions: Sequence[ExceptionValue], key: str) -> Answer | None:
    """Answer a key from a chain of exceptions; None for other keys."""
    of_frame = _OF_FRAMES.get(key)
    if of_frame:
        return answer_of(of_frame(frame) for exception in exceptions for frame in exception.frames)
    of_exception = _OF_EXCEPTIONS.get(key)
    if of_exception:
        return answer_of(of_exception(exception) for exception in exceptions)
    match key:
        case "stack.stack_level":
            return answer_of(level for exception in exceptions for level in range(len(exception.frames)))
        case "error.handled" | "error.unhandled":
            return _handled(exceptions, key)
        case _:
            return None


def _handled(exceptions: Sequence[ExceptionValue], key: str) -> Answer:
    """Sentry takes an error for handled unless one of its exceptions says that it was not."""
    if not exceptions:
        return ABSENT
    unhandled = any(exception.is_handled is False for exception in exceptions)
    return answer_of(unhandled if key == "error.unhandled" else not unhandled)
