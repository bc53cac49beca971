"""Isolates `vedette up` from errors of its display: the processes run on without a screen.

A terminal that is gone, a pipe without a reader, a full disk and a text that cannot be shown all end in an error of
`print`, and the receiver and the workers are not to end with it.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog

from console.rendering.terminal import InertConsole, options_for


class Display:
    """A display that catches errors of its output and logs the first one."""

    def __init__(self) -> None:
        self.failures = 0

    def attempt(self, show: Callable[[], object]) -> None:
        """Call `show` and catch its errors."""
        try:
            show()
        except Exception as error:  # noqa: BLE001 - the boundary to the screen: whatever it raises is no reason to end
            self.failures += 1
            if self.failures == 1:
                structlog.get_logger().warning("something cannot be shown here", problem=repr(error))


class UnfailingConsole(InertConsole):
    """A console that drops output which cannot be printed."""

    def __init__(self, display: Display, *, stderr: bool = False) -> None:
        super().__init__(**options_for(stderr=stderr))
        self._display = display

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; what cannot be printed is dropped."""
        before = self._display.failures
        self._display.attempt(lambda: super(UnfailingConsole, self).print(*objects, **options))
        if self._display.failures > before:
            # What could not be written is kept for the next time otherwise, and grows.
            with suppress(Exception):
                self.begin_capture()
                self.end_capture()
