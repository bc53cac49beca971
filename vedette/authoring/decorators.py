"""`@on(...)`: how a function says which events it handles."""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, TypeVar

from vedette.authoring.cron import Cron
from vedette.authoring.live_config import MakeLiveConfig
from vedette.authoring.options import Options, RebuiltChoice, check_rebuilt, make_options
from vedette.authoring.retries import Retries
from vedette.authoring.when import When, WhenCondition, make_condition
from vedette.permissions.required_scopes import check_needs

HandlerFunction = Callable[..., Awaitable[None] | None]
_Function = TypeVar("_Function", bound=HandlerFunction)
_MARK = "__vedette_on__"


@dataclass(frozen=True)
class Registration:
    """The registration that `@on` attaches to a function."""

    patterns: tuple[str, ...]
    options: Options = field(default_factory=Options)
    needs: tuple[str, ...] = ()
    """Sentry's scopes that it calls with."""
    echoes: bool = False
    """Return whether it receives echoes, the events that Vedette's own writes cause."""
    rebuilt: RebuiltChoice = "recent"
    """Which rebuilt events it receives."""
    condition: WhenCondition | None = None
    """What an event must be like."""
    crons: tuple[Cron, ...] = ()
    """When `@every` lets it run."""
    make_live_config: MakeLiveConfig | None = None
    """Makes the live configuration that determines its subscriptions."""


class NotAHandlerError(TypeError):
    """`@on` or `@every` decorates something that cannot be a handler."""

    def __init__(self, function: object, right: str) -> None:
        self.function = function
        name = getattr(function, "__name__", repr(function))
        super().__init__(f"{name} cannot be a handler: {right}")


def on(
    *patterns: str,
    when: When | None = None,
    needs: Iterable[str] = (),
    echoes: bool = False,
    rebuilt: RebuiltChoice = "recent",
    retries: Retries | int | None = None,
    order: bool = True,
    coalesce: float | str | None = None,
    throttle: str | None = None,
    concurrency: int | None = None,
    time_limit: float | str | None = None,
    guide: MakeLiveConfig | None = None,
) -> Callable[[_Function], _Function]:
    """Make a function a handler of the events that match one of `patterns`.

    It is usually an `async def`. A plain `def` runs in a thread, and cannot have `sentry`, which needs `await`.

    The function's name is the handler's. Its parameters are filled by their names: `event` (the typed event), `ctx`
    (a `Context`), `sentry` (the API client) and `log` (a logger); it takes those it needs.

    Args:
        patterns: Names of events (`issue.created`), all of a resource (`issue.*`), or `*`.
        when: A condition on the event: a search in Sentry's syntax (`"level:fatal !environment:dev"`), or a function of
            the event that returns a truth value.
        needs: The scopes of Sentry's API that its calls need, such as `("event:write",)`. Other scopes are denied even
            when they are granted.
        echoes: Whether it also receives the deliveries that Vedette's own writes cause.
        rebuilt: Which events it receives whose webhooks did not arrive and that Vedette rebuilt: `recent` ones,
            `always` (also those older than the setting `reconcile.max_age`), or `never`. `event.rebuilt` is true then.
        retries: A `Retries`, or the number of attempts.
        order: Whether the runs of one subject (an issue) execute one at a time, in the order of acceptance.
        coalesce: Gather the events of a subject for this long (seconds, or a text such as `5m`) and run once, on the
            newest; `ctx.stands_for` is their number.
        throttle: How many runs may start in a time, such as `10/m`; others wait.
        concurrency: How many runs may execute at once, over all workers; others wait.
        time_limit: How long one attempt may take, in seconds or as a text.
        guide: Makes a live configuration from the handler's own settings, which determines events, schedule and scopes
            in place of `patterns` and `needs`, and may change while the process runs
            (`vedette.authoring.live_config`); the argument `guide`.

    Raises:
        NotAHandlerError: When no pattern is given, or it does not decorate a function.
        SearchSyntaxError: When the search cannot be read, showing the place.
        UnusableConditionError: When `when` is neither a search nor a function.
        UnknownNeedError: When one of `needs` is not a scope of Sentry's API.
        ValueError: When an option is invalid, saying what to write.
    """
    check_rebuilt(rebuilt)
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
        if get_registration(function) is not None:
            raise NotAHandlerError(function, "it has @on or @every already: write a second function")
        if not patterns and guide is None:
            raise NotAHandlerError(function, f'say for which events: @on("issue.created") above `async def {name}`')
        condition = make_condition(name, when)
        return set_registration(
            function,
            Registration(
                patterns, options, check_needs(name, needs), echoes, rebuilt, condition, make_live_config=guide
            ),
        )

    if len(patterns) == 1 and callable(patterns[0]):
        raise NotAHandlerError(patterns[0], 'say for which events: @on("issue.created")')
    return register


def set_registration(function: _Function, registration: Registration) -> _Function:
    """Note on a function what its decorator says."""
    setattr(function, _MARK, registration)
    return function


def get_registration(candidate: Any) -> Registration | None:
    """Return what `@on` noted about `candidate`, or None when it is no handler."""
    # A module can hold anything, and an attribute of a lazy object or a proxy runs code: only functions are asked.
    found = getattr(candidate, _MARK, None) if type(candidate) is FunctionType else None
    return found if isinstance(found, Registration) else None
