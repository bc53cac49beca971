"""End a process when the one that started it is gone, so that `vedette up` leaves no orphan, even killed with -9.

Whoever starts children makes a pipe, keeps its writing end, and hands the reading end to each child by number in
`VEDETTE_LIFELINE_FD`. The system closes the writing end when its owner dies, however it dies, and then a thread in
each child, which waits for just that, ends it. It works wherever pipes do, and for a child's children too.
"""

import os
import select
import signal
import threading
import time

VARIABLE = "VEDETTE_LIFELINE_FD"
GRACE = 2.0
"""Seconds between asking a process to end and ending it."""
_PARENT_CHECK = 0.5


def hold(*, watch_parent: bool = False) -> None:
    """Tie this process to its lifeline; does nothing where it was given none.

    Args:
        watch_parent: Also end when the direct parent is gone, lifeline or not (dramatiq's worker processes, whose
            master may be killed alone).
    """
    number = os.environ.get(VARIABLE)
    if number is None and not watch_parent:
        return
    lifeline = None if number is None else int(number)
    parent = os.getppid() if watch_parent else None
    threading.Thread(target=_wait, args=(lifeline, parent), name="lifeline", daemon=True).start()


def end_this_process() -> None:
    """Ask this process to end as SIGTERM would, and end it when it has not within the grace."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


def is_cut(lifeline: int, wait: float) -> bool:
    """Wait up to `wait` seconds for the lifeline with this file number, and return whether it is cut."""
    readable, _, _ = select.select([lifeline], [], [], wait)
    return bool(readable) and os.read(lifeline, 1) == b""


def _wait(lifeline: int | None, parent: int | None) -> None:
    while parent is None or os.getppid() == parent:
        if lifeline is None:
            time.sleep(_PARENT_CHECK)
        elif is_cut(lifeline, _PARENT_CHECK):
            break
    end_this_process()
