"""Loads one plugin's module, and names the plugin where loading it takes long: nothing else is served meanwhile."""

import sys
import threading
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, cast

import structlog

SLOW = 10.0
"""Seconds of loading after which a plugin is named."""
_LINES = 3
_LOADING = ("importlib", "vedette/plugins/")


def load_module(source: str, load: Callable[[], ModuleType]) -> ModuleType:
    """Load a plugin's module; log a slow one with its current lines.

    Raises:
        BaseException: Whatever the plugin raises.
    """
    with _named_when_slow(source):
        return load()


@contextmanager
def _named_when_slow(source: str) -> Generator[None]:
    timer = threading.Timer(SLOW, _name, (source, threading.get_ident()))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _name(source: str, ident: int) -> None:
    # The one API for another thread's frames, documented although its name begins with an underscore.
    frame = cast("Any", sys)._current_frames().get(ident)  # noqa: SLF001 - see above
    lines = [line for line in traceback.format_stack(frame) if not any(name in line for name in _LOADING)]
    structlog.get_logger().warning(
        "a plugin is still being loaded, and no handler runs meanwhile: let it do at the first run what takes long",
        source=source,
        seconds=SLOW,
        at="".join(lines[-_LINES:]),
    )
