"""Shifts this process's wall clock by the seconds in the file that `CLOCK_SHIFT` names, read at each look at the clock.

Python imports a module of this name at its start, so a test needs no code in the product: it puts this folder on
`PYTHONPATH`. A change of the file is a jump of the clock while the process runs. The monotonic clock is left alone, as
it is by a real jump.
"""

import ctypes
import datetime as dt
import gc
import os
import time
from pathlib import Path

_FILE = os.environ.get("CLOCK_SHIFT", "")
_real_time = time.time
_real_nanoseconds = time.time_ns


def _shift() -> float:
    try:
        return float(Path(_FILE).read_text(encoding="ascii") or "0")
    except (OSError, ValueError):
        return 0.0


def _now(cls: type[dt.datetime], tz: dt.tzinfo | None = None) -> dt.datetime:
    return cls.fromtimestamp(time.time(), tz)


def _install() -> None:
    time.time = lambda: _real_time() + _shift()
    time.time_ns = lambda: _real_nanoseconds() + round(_shift() * 1_000_000_000)
    # `datetime` is built in and refuses to be changed; its dictionary can be reached only this way.
    (names,) = gc.get_referents(dt.datetime.__dict__)
    names["now"] = classmethod(_now)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(dt.datetime))


if _FILE:
    _install()
