"""`@on(...)`: how a function says which events it handles."""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from vedette.handling.access.needs import check_needs

HandlerFunction = Callable[..., Awaitable[None]]
_Function = TypeVar("_Function", bound=HandlerFunction)
_MARK = "__vedette_on__"


@dataclass(frozen=True)
class Registration:
    """What `@on` noted about a function."""

    patterns: tuple[str, ...]
    needs: tuple[str, ...] = ()
    """Sentry's scopes that it calls with."""
    echoes: bool = False
    """Whether it wants to see what our own writes cause."""


class NotAHandlerError(TypeError):
    """`@on` stands where it cannot work."""

    def __init__(self, function: object, right: str) -> None:
        self.function = function
        name = getattr(function, "__name__", repr(function))
        super().__init__(f"{name} cannot be a handler: {right}")


def on(*patterns: str, needs: Iterable[str] = (), echoes: bool = False) -> Callable[[_Function], _Function]:
    """Make an async function a handler of the events that match one of `patterns`.

    The function's name is the handler's. Its parameters are filled by their names: `event` (the typed event), `ctx`
    (a `Context`), `sentry` (the API client) and `log` (a logger); it takes those it needs.

    Args:
        patterns: Names of events (`issue.created`), all of a resource (`issue.*`), or `*`.
        needs: The scopes of Sentry's that its calls need, such as `("event:write",)`; what is not stated here is denied
            even where it is granted.
        echoes: Whether it also wants the deliveries that Vedette's own writes cause.

    Raises:
        NotAHandlerError: When no pattern is given or the function is not `async def`.
        UnknownNeedError: When one of `needs` is no scope of Sentry's.
    """

    def register(function: _Function) -> _Function:
        name = getattr(function, "__name__", "handler")
        if not inspect.iscoroutinefunction(function):
            raise NotAHandlerError(function, f"write `async def {name}(event, sentry):`")
        if not patterns:
            raise NotAHandlerError(function, f'say for which events: @on("issue.created") above `async def {name}`')
        setattr(function, _MARK, Registration(patterns, check_needs(name, needs), echoes))
        return function

    if len(patterns) == 1 and callable(patterns[0]):
        raise NotAHandlerError(patterns[0], 'say for which events: @on("issue.created")')
    return register


def registration_of(candidate: Any) -> Registration | None:
    """Return what `@on` noted about `candidate`, or None when it is no handler."""
    mark = getattr(candidate, _MARK, None)
    return mark if isinstance(mark, Registration) else None
