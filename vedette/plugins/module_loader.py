"""Loads one plugin's module, and names the plugin where loading it takes long: nothing else is served meanwhile."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import ModuleType

import structlog

from vedette._core.thread_stack import format_thread_stack

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
    structlog.get_logger().warning(
        "a plugin is still being loaded, and no handler runs meanwhile: let it do at the first run what takes long",
        source=source,
        seconds=SLOW,
        at=format_thread_stack(ident, hide=_LOADING, most=_LINES),
    )
