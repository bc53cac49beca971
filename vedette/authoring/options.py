"""Defines the options of a handler's runs, such as order and limits, as `@on` and `@every` take them."""

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from vedette._core.durations import parse_duration, parse_rate
from vedette.authoring.retries import Retries

RebuiltChoice = Literal["recent", "always", "never"]
"""Which rebuilt events a handler wants; see `vedette.on`."""
_REBUILT_CHOICES: Final = get_args(RebuiltChoice)


def check_rebuilt(choice: str) -> None:
    """Validate the argument `rebuilt`.

    Raises:
        ValueError: When it is another text, saying what to write.
    """
    if choice not in _REBUILT_CHOICES:
        raise ValueError(f'rebuilt={choice!r} is none of them: write "recent", "always" or "never"')


@dataclass(frozen=True)
class Options:
    """The options of one handler's runs."""

    retries: Retries = field(default_factory=Retries)
    order: bool = True
    """Return whether the runs of a subject execute one at a time, in the order of acceptance."""
    coalesce: float | None = None
    """Seconds for which the events of a subject are gathered into one run."""
    throttle: tuple[int, float] | None = None
    """How many runs may start in how many seconds."""
    concurrency: int | None = None
    """How many runs may execute at once, over all workers."""
    time_limit: float | None = None
    """Seconds that one attempt may take; the setting `worker.time_limit` unless given."""


def make_options(
    *,
    retries: Retries | int | None = None,
    order: bool = True,
    coalesce: float | str | None = None,
    throttle: str | None = None,
    concurrency: int | None = None,
    time_limit: float | str | None = None,
) -> Options:
    """Validate the options that an author gave.

    Raises:
        ValueError: When a value is invalid, saying what to write.
    """
    if isinstance(retries, int):
        retries = Retries(attempts=retries)
    if concurrency is not None and concurrency < 1:
        raise ValueError(f"concurrency={concurrency} would never run it: write 1 or more")
    return Options(
        retries or Retries(),
        order,
        None if coalesce is None else parse_duration(coalesce),
        None if throttle is None else parse_rate(throttle),
        concurrency,
        None if time_limit is None else parse_duration(time_limit),
    )
