"""`@on(...)`: how a function says which events it handles."""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, TypeVar

from vedette.authoring.cron import Cron
from vedette.authoring.live_config import MakeGuide
from vedette.authoring.options import Options, make_options
from vedette.authoring.retries import Retries
from vedette.authoring.when import When, WhenCondition, make_condition
from vedette.permissions.required_scopes import check_needs

HandlerFunction = Callable[..., Awaitable[None] | None]
_Function = TypeVar("_Function", bound=HandlerFunction)
_MARK = "__vedette_on__"


@dataclass(frozen=True)
class Registration:
    """What `@on` noted about a function."""

    patterns: tuple[str, ...]
    options: Options = field(default_factory=Options)
    needs: tuple[str, ...] = ()
    """Sentry's scopes that it calls with."""
    echoes: bool = False
    """Whether it wants to see what our own writes cause."""
    condition: WhenCondition | None = None
    """What an event must be like."""
    crons: tuple[Cron, ...] = ()
    """When `@every` lets it run."""
    guide: MakeGuide | None = None
    """Makes what says which events it wants."""


class NotAHandlerError(TypeError):
    """`@on` stands where it cannot work."""

    def __init__(self, function: object, right: str) -> None:
        self.function = function
        name = getattr(function, "__name__", repr(function))
        super().__init__(f"{name} cannot be a handler: {right}")


def on(
    *patterns: str,
    when: When | None = None,
    needs: Iterable[str] = (),
    echoes: bool = False,
    retries: Retries | int | None = None,
    order: bool = True,
    coalesce: float | str | None = None,
    throttle: str | None = None,
    concurrency: int | None = None,
    time_limit: float | str | None = None,
    guide: MakeGuide | None = None,
) -> Callable[[_Function], _Function]:
    """Make a function a handler of the events that match one of `patterns`.

    It is an `async def` as a rule. A plain `def` runs in a thread, and cannot have `sentry`, which wants `await`.

    The function's name is the handler's. Its parameters are filled by their names: `event` (the typed event), `ctx`
    (a `Context`), `sentry` (the API client) and `log` (a logger); it takes those it needs.

    Args:
        patterns: Names of events (`issue.created`), all of a resource (`issue.*`), or `*`.
        when: What an event must be like: a search in Sentry's syntax (`"level:fatal !environment:dev"`), or a function
            of the event that says whether.
        needs: The scopes of Sentry's that its calls need, such as `("event:write",)`; what is not stated here is denied
            even where it is granted.
        echoes: Whether it also wants the deliveries that Vedette's own writes cause.
        retries: How failed attempts are repeated: a `Retries`, or just how many attempts there are.
        order: Whether the runs of one subject (an issue) go one at a time, in the order of acceptance.
        coalesce: Gather the events of a subject for this long (seconds, or a text such as `5m`) and run once, on the
            newest; `ctx.stands_for` says for how many.
        throttle: How many runs may begin in a time, such as `10/m`; others wait.
        concurrency: How many runs may go at once, over all workers; others wait.
        time_limit: How long one attempt may take, in seconds or as a text.
        guide: Makes, of the handler's own settings, what says instead of `patterns` and `needs` which events it wants,
            at which times it runs and which scopes it needs, and may change that later
            (`vedette.authoring.live_config`); the argument `guide`.

    Raises:
        NotAHandlerError: When no pattern is given, or what it stands on is no function.
        SearchSyntaxError: When the search cannot be read, showing the place.
        UnusableConditionError: When `when` is neither a search nor a function.
        UnknownNeedError: When one of `needs` is no scope of Sentry's.
        ValueError: When an option cannot work, saying what would.
    """
    options = make_options(
        retries=retries,
        order=order,
        coalesce=coalesce,
        throttle=throttle,
        concurrency=concurrency,
        time_limit=time_limit,
    )

    def register(function: _Function) -> _Function:
        name = getattr(function, "__name__", "handler")
        candidate: object = function
        if not inspect.isfunction(candidate):
            raise NotAHandlerError(function, f"write `async def {name}(event, sentry):`")
        if registration_of(function) is not None:
            raise NotAHandlerError(function, "it has @on or @every already: write a second function")
        if not patterns and guide is None:
            raise NotAHandlerError(function, f'say for which events: @on("issue.created") above `async def {name}`')
        condition = make_condition(name, when)
        return mark(function, Registration(patterns, options, check_needs(name, needs), echoes, condition, guide=guide))

    if len(patterns) == 1 and callable(patterns[0]):
        raise NotAHandlerError(patterns[0], 'say for which events: @on("issue.created")')
    return register


def mark(function: _Function, registration: Registration) -> _Function:
    """Note on a function what its decorator says."""
    setattr(function, _MARK, registration)
    return function


def registration_of(candidate: Any) -> Registration | None:
    """Return what `@on` noted about `candidate`, or None when it is no handler."""
    # A module can hold anything, and an attribute of a lazy object or a proxy runs code: only functions are asked.
    found = getattr(candidate, _MARK, None) if type(candidate) is FunctionType else None
    return found if isinstance(found, Registration) else None
