"""`@every(...)`: a handler that runs by the clock."""

import inspect
from collections.abc import Callable, Iterable
from typing import TypeVar

from vedette.authoring.cron import make_cron
from vedette.authoring.decorators import HandlerFunction, NotAHandlerError, Registration, mark, registration_of
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
    other; however many workers there are, it is one. After a downtime it runs once, late. The function takes the
    arguments that one with `@on` takes.

    Args:
        crons: Minute, hour, day of month, month, day of week: `"0 6 * * 1-5"`.
        timezone: Where that is the time, such as `Europe/Berlin`.
        needs: The scopes of Sentry's that its calls need.
        retries: How failed attempts are repeated: a `Retries`, or just how many attempts there are.
        order: Whether its runs for one integration go one at a time.
        throttle: How many runs may begin in a time, such as `10/m`; others wait.
        concurrency: How many runs may go at once, over all workers and integrations; others wait.
        time_limit: How long one attempt may take, in seconds or as a text.

    Raises:
        UnusableCronError: For an expression or timezone that cannot be used, saying what would be right.
        NotAHandlerError: When no time is given, or what it stands on is no function.
        UnknownNeedError: When one of `needs` is no scope of Sentry's.
        ValueError: When an option cannot work, saying what would.
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
        if registration_of(function) is not None:
            raise NotAHandlerError(function, "it has @on or @every already: write a second function")
        if not times:
            raise NotAHandlerError(function, right)
        return mark(function, Registration((), options, check_needs(name, needs), crons=times))

    return register
