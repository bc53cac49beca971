"""The stack of another thread, for reports on code that takes too long."""

import sys
import traceback
from collections.abc import Collection
from typing import Any, cast


def format_thread_stack(ident: int, *, hide: Collection[str], most: int) -> str:
    """Return the innermost lines of a thread's stack as text; empty for a thread that has ended.

    Args:
        ident: The thread's identifier, as `threading.get_ident` returns it.
        hide: Parts of the names of files that are left out.
        most: At most so many frames.
    """
    # The one API for another thread's frames, documented although its name begins with an underscore.
    frame = cast("Any", sys)._current_frames().get(ident)  # noqa: SLF001 - see above
    if frame is None:
        return ""
    lines = [line for line in traceback.format_stack(frame) if not any(name in line for name in hide)]
    return "".join(lines[-most:])
