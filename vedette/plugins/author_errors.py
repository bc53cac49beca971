"""Turns whatever authors' code raises, returns and says into ordinary errors and texts.

A handler, provider or condition can raise what ends a process, a task or a generator, an error without readable text,
or texts of any size that no stream can encode. What leaves this module is an `Exception`, and text that can be stored.
"""

import asyncio
import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vedette._core.printable import LONGEST_TEXT, LONGEST_TRACE, cropped, encodable, error_text
from vedette.authoring.retries import PermanentError

_LONGEST_NAME = 200
_SHOWN = 5
"""Calls and tasks that one sentence names."""


class UnexpectedExitError(Exception):
    """An error for an exception of authors' code that would end a process, task or generator; see `__cause__`."""

    def __init__(self, raised: BaseException) -> None:
        self.line = f"{_line_of(raised)} ({_advice(raised)})"
        super().__init__(self.line)
        self.__cause__ = raised


class ForgottenAwaitError(PermanentError):
    """Authors' code called `async def` functions and did not await them, so that they did nothing."""

    def __init__(self, calls: Sequence[str], remedy: str = "write `await` before it") -> None:
        self.calls = tuple(calls)
        super().__init__(f"{format_names([f'{call}(...)' for call in calls])} was called without `await`: {remedy}")


def as_error(raised: BaseException) -> Exception:
    """Return an exception of authors' code as an ordinary error, which ends no process, task or generator."""
    return raised if isinstance(raised, Exception) else UnexpectedExitError(raised)


def format_error_line(error: BaseException) -> str:
    """Return an error's kind and text in one line that can be stored, whatever its class does."""
    return error.line if isinstance(error, UnexpectedExitError) else _line_of(error)


def format_error(error: BaseException) -> str:
    """Return an error's kind and its text, all lines of it, that can be stored, whatever its class does."""
    text = error_text(error, LONGEST_TEXT)
    return f"{_kind(error)}: {text}" if text else _kind(error)


def format_traceback(error: BaseException) -> str:
    """Return an error's traceback, at most `LONGEST_TRACE` characters; each text in it is cropped, and says so."""
    try:
        lines = traceback.format_exception(error)
    except BaseException:  # noqa: BLE001 - it asks objects of the author's for their texts
        return ""
    text = encodable("".join(f"{cropped(line.rstrip())}\n" for line in lines))
    if len(text) <= LONGEST_TRACE:
        return text
    # The beginning shows the origin, the end the error.
    half = LONGEST_TRACE // 2 - 50
    return f"{text[:half]}\n… ({len(text) - 2 * half} characters were left out)\n{text[-half:]}"


def format_value(value: object) -> str:
    """Return what authors' code gives as a text: cropped, and encodable as UTF-8."""
    try:
        return encodable(cropped(str(value)))
    except BaseException:  # noqa: BLE001 - its __str__ is the author's
        return "something without readable text"


def call_plain(function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    """Call a handler that is a plain function.

    Raises:
        ForgottenAwaitError: When it returned a coroutine, which would never be awaited.
        BaseException: Whatever it raises.
    """
    result = function(**arguments)
    if inspect.iscoroutine(result):
        result.close()
        name = getattr(function, "__name__", "handler")
        remedy = f"write `async def {name}`, and `await` before it"
        raise ForgottenAwaitError([encodable(result.__qualname__)], remedy)


def format_names(names: Sequence[str]) -> str:
    """Return the first few of some names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _line_of(error: BaseException) -> str:
    text = next(iter(error_text(error, LONGEST_TEXT).splitlines()), "")
    return f"{_kind(error)}: {text}" if text else _kind(error)


def _kind(error: BaseException) -> str:
    try:
        return encodable(cropped(str(type(error).__name__), _LONGEST_NAME))
    except BaseException:  # noqa: BLE001 - a metaclass of the author's can answer with anything
        return "Error"


def _advice(raised: BaseException) -> str:
    if isinstance(raised, SystemExit | KeyboardInterrupt):
        return "a handler must not end its process: return, or raise an error"
    if isinstance(raised, asyncio.CancelledError):
        return "this run was not cancelled: await a cancelled task only where CancelledError is caught"
    return "no ordinary error: raise one that derives from Exception"
