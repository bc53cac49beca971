"""Defines `@every(...)`, the decorator of scheduled handlers."""

import inspect
from collections.abc import Callable, Iterable
from typing import TypeVar

from vedette.authoring.cron import make_cron
from vedette.authoring.decorators import (
    HandlerFunction,
    NotAHandlerError,
    Registration,
    get_registration,
    set_registration,
)
from vedette.authoring.options import make_options
from vedette.authoring.retries import Retries
from vedette.permissions.required_scopes import check_needs

_Function = TypeVar("_Function", bound=HandlerFunction)


def every(
    *crons: str,
    timezone: str = "UTC",
    needs: Iterable[str] = (),
    retries: Retries | int | None = None,
    order: bool = True,
    throttle: str | None = None,
    concurrency: int | None = None,
    time_limit: float | str | None = None,
) -> Callable[[_Function], _Function]:
    """Make a function a handler that runs when a cron expression is due, once for each integration.

    Each time is a stored delivery of an event `schedule.due`, so it is listed, retried, replayed and explained like any
    other, and fired once for any number of workers. After a downtime it runs once, late. The function takes the same
    arguments as one with `@on`.

    Args:
        crons: Minute, hour, day of month, month, day of week: `"0 6 * * 1-5"`.
        timezone: The timezone of the expressions, such as `Europe/Berlin`.
        needs: The scopes of Sentry's API that its calls need.
        retries: A `Retries`, or the number of attempts.
        order: Whether its runs for one integration execute one at a time.
        throttle: How many runs may start in a time, such as `10/m`; others wait.
        concurrency: How many runs may execute at once, over all workers and integrations; others wait.
        time_limit: How long one attempt may take, in seconds or as a text.

    Raises:
        UnusableCronError: When an expression or timezone is invalid, saying what to write.
        NotAHandlerError: When no time is given, or it does not decorate a function.
        UnknownNeedError: When one of `needs` is not a scope of Sentry's API.
        ValueError: When an option is invalid, saying what to write.
    """
    right = 'say when: @every("0 6 * * 1-5")'
    if len(crons) == 1 and callable(crons[0]):
        raise NotAHandlerError(crons[0], right)
    times = tuple(make_cron(cron, timezone) for cron in crons)
    options = make_options(
        retries=retries, order=order, throttle=throttle, concurrency=concurrency, time_limit=time_limit
    )

    def register(function: _Function) -> _Function:
        name = getattr(function, "__name__", "handler")
        candidate: object = function
        if not inspect.isfunction(candidate):
            raise NotAHandlerError(function, f"write `async def {name}(sentry):`")
        if get_registration(function) is not None:
            raise NotAHandlerError(function, "it has @on or @every already: write a second function")
        if not times:
            raise NotAHandlerError(function, right)
        return set_registration(function, Registration((), options, check_needs(name, needs), crons=times))

    return register
