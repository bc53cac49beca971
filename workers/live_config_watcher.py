"""Follows what guides handlers, such as rules files, for as long as the process runs.

Guides read files that may be damaged, slow or gone, and may be an author's own code: whatever a look does, the looks
after it go on, and what was in force stays in force.
"""

import asyncio
from collections.abc import Awaitable
from typing import Final, Protocol

import structlog

from vedette._core.printable import error_text
from vedette.plugins.daemon_thread import in_daemon_thread
from vedette.plugins.handler import Handler
from vedette.plugins.registry import Registry

LOOK: Final = 1.0
"""Seconds between looks."""
LATE: Final = 10.0
"""Seconds that a look may take before a line in the log says that it hangs, and between such lines."""


class Publish(Protocol):
    """Writes the roster, for other processes."""

    def __call__(self, *, only_if_missing: bool) -> Awaitable[object]:
        """Write it, or only where there is none."""
        ...


async def watch_guides(registry: Registry, publish: Publish, *, look: float = LOOK) -> None:
    """Follow what guides handlers, and keep the roster written, until cancelled.

    Args:
        registry: The handlers.
        publish: Writes the roster.
        look: Seconds between looks.
    """
    log = structlog.get_logger()
    for handler in registry.handlers.values():
        say_problem(handler)
    told = ""
    is_stale = False
    while True:
        await asyncio.sleep(look)
        problem, is_stale = await _followed(registry, publish, is_stale=is_stale)
        if problem and problem != told:
            log.error("what guides handlers could not be followed; what was in force stays in force", problem=problem)
        told = problem


def say_problem(handler: Handler) -> bool:
    """Log what is wrong with what guides a handler; return whether anything is."""
    problem = handler.guide.problem if handler.guide else ""
    if problem:
        structlog.get_logger().error("what guides a handler cannot be used", handler=handler.name, problem=problem)
    return bool(problem)


async def _followed(registry: Registry, publish: Publish, *, is_stale: bool) -> tuple[str, bool]:
    """Look once, and publish what is new.

    Args:
        registry: The handlers.
        publish: Writes the roster.
        is_stale: Whether the roster does not say what the handlers are told.

    Returns:
        What went wrong, or an empty text; and whether the roster is out of date.
    """
    changed = await _refreshed(registry)
    if isinstance(changed, BaseException):
        return f"{type(changed).__name__}: {error_text(changed)}", is_stale
    for handler in changed:
        if not say_problem(handler):
            structlog.get_logger().info("handler is guided anew", handler=handler.name, events=handler.patterns)
    try:
        # Written also where nothing changed, since Redis may have been emptied.
        await publish(only_if_missing=not changed and not is_stale)
    except Exception as error:  # noqa: BLE001 - the task goes on, whatever keeps the news from the other processes
        return f"{type(error).__name__}: {error_text(error)}", is_stale or bool(changed)
    return "", False


async def _refreshed(registry: Registry) -> list[Handler] | BaseException:
    """Look once, in a thread that keeps the process from nothing; return what is told otherwise now, or the error."""

    def look() -> list[Handler] | BaseException:
        try:
            return registry.refresh()
        except BaseException as error:  # noqa: BLE001 - a guide may be an author's: SystemExit would end the loop
            return error

    looking = asyncio.ensure_future(in_daemon_thread(look))
    try:
        while not (await asyncio.wait({looking}, timeout=LATE))[0]:
            structlog.get_logger().error(
                "reading what guides handlers hangs, as of a file on a disk that does not answer; "
                "what was in force stays in force"
            )
    finally:
        looking.cancel()
    return looking.result()
