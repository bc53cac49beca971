"""Lets dramatiq's main process go on while its worker processes start.

The main process holds SIGTERM back until each of its workers has started, or for thirty seconds. It waits because a
middleware may name functions for processes of their own; Vedette's names none. So a worker reports its start when it
begins: one that ends while it waits for Redis or loads a plugin would otherwise leave its main process behind, which
ends half a minute later.
"""

import multiprocessing
from multiprocessing.synchronize import Event
from types import FunctionType
from typing import Any


def release_parent() -> None:
    """Report this worker as started, so that dramatiq's main process passes signals on from now on."""
    # dramatiq/cli.py calls worker_process(args, worker_id, logging_pipe, canteen, event).
    arguments: tuple[Any, ...] = getattr(multiprocessing.current_process(), "_args", ())
    for canteen, event in zip(arguments[-2:], arguments[-1:], strict=False):
        if isinstance(event, Event):
            canteen.initialized = True
            event.set()


def has_noted_end(handler: object) -> bool:
    """Return whether dramatiq's signal handler has been called.

    It notes SIGTERM in a variable that is looked at once the worker has started, so that the signal has no effect on a
    worker that waits for Redis.

    Args:
        handler: The handler that was installed before Vedette's own.
    """
    if not isinstance(handler, FunctionType):
        return False
    cells = dict(zip(handler.__code__.co_freevars, handler.__closure__ or (), strict=True))
    return "running" in cells and cells["running"].cell_contents is False
