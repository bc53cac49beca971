"""Stops a process when its parent has ended, so that `vedette up` leaves no orphans, even after SIGKILL.

The parent makes a pipe, the lifeline, keeps the writing end, and passes the descriptor of the reading end to each child
in `VEDETTE_LIFELINE_FD`. The system closes the writing end when the parent ends for any reason, and a thread in each
child then stops it. This is portable, and includes children of children.
"""

import os
import select
import signal
import threading
import time

VARIABLE = "VEDETTE_LIFELINE_FD"
GRACE = 2.0
"""Seconds between SIGTERM and the exit."""
_PARENT_CHECK = 0.5


def start(*, watch_parent: bool = False) -> None:
    """Start to watch the lifeline of this process, if it has one.

    Args:
        watch_parent: Also stop when the direct parent has ended, with or without a lifeline (for dramatiq's worker
            processes, since their master may be killed alone).
    """
    number = os.environ.get(VARIABLE)
    if number is None and not watch_parent:
        return
    lifeline = None if number is None else int(number)
    parent = os.getppid() if watch_parent else None
    threading.Thread(target=_watch, args=(lifeline, parent), name="lifeline", daemon=True).start()


def end_this_process() -> None:
    """Send SIGTERM to this process, and exit when it is still running after the grace period."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


def is_closed(lifeline: int, wait: float) -> bool:
    """Wait up to `wait` seconds, and return whether the writing end of this lifeline is closed."""
    readable, _, _ = select.select([lifeline], [], [], wait)
    return bool(readable) and os.read(lifeline, 1) == b""


def _watch(lifeline: int | None, parent: int | None) -> None:
    while parent is None or os.getppid() == parent:
        if lifeline is None:
            time.sleep(_PARENT_CHECK)
        elif is_closed(lifeline, _PARENT_CHECK):
            break
    end_this_process()
