"""Reloads live configurations, such as rules files, while the process runs.

A live configuration reads files that may be damaged, slow or missing, and may be an author's own code. Whatever one
check does, the next one follows, and the configuration that is in force stays in force.
"""

import asyncio
from collections.abc import Awaitable
from typing import Final, Protocol

import structlog

from vedette._core.printable import error_text
from vedette.plugins.daemon_thread import run_in_daemon_thread
from vedette.plugins.handler import Handler
from vedette.plugins.registry import Registry

CHECK_INTERVAL: Final = 1.0
"""Seconds between two checks."""
SLOW: Final = 10.0
"""Seconds after which a check is logged as hanging, and between such log lines."""


class Publish(Protocol):
    """Writes the handler list, for other processes."""

    def __call__(self, *, only_if_missing: bool) -> Awaitable[object]:
        """Write it; with `only_if_missing`, keep a list that is stored already."""
        ...


class LiveConfigWatcher:
    """Reloads the live configurations of handlers, and keeps the handler list current."""

    def __init__(self, registry: Registry, publish: Publish, *, interval: float = CHECK_INTERVAL) -> None:
        """Prepare.

        Args:
            registry: The handlers.
            publish: Writes the handler list.
            interval: Seconds between two checks.
        """
        self._registry = registry
        self._publish = publish
        self._interval = interval
        self._is_stale = False
        """Return whether the stored handler list differs from the handlers, since it could not be written."""

    async def run(self) -> None:
        """Check until cancelled."""
        for handler in self._registry.handlers.values():
            log_problem(handler)
        logged = ""
        while True:
            await asyncio.sleep(self._interval)
            problem = await self._check()
            if problem and problem != logged:
                structlog.get_logger().error(
                    "live configuration could not be reloaded; the previous one stays in force", problem=problem
                )
            logged = problem

    async def _check(self) -> str:
        """Check once and publish changes; return the problem, or an empty text."""
        changed = await _refresh(self._registry)
        if isinstance(changed, BaseException):
            return f"{type(changed).__name__}: {error_text(changed)}"
        for handler in changed:
            if not log_problem(handler):
                structlog.get_logger().info("configuration reloaded", handler=handler.name, events=handler.patterns)
        self._is_stale = self._is_stale or bool(changed)
        try:
            # Written also when nothing changed, since Redis may have been emptied.
            await self._publish(only_if_missing=not self._is_stale)
        except Exception as error:  # noqa: BLE001 - the watcher continues, whatever prevents the write
            return f"{type(error).__name__}: {error_text(error)}"
        self._is_stale = False
        return ""


def log_problem(handler: Handler) -> bool:
    """Log the problem of a handler's live configuration; return whether it has one."""
    problem = handler.live_config.problem if handler.live_config else ""
    if problem:
        structlog.get_logger().error(
            "live configuration of a handler cannot be used", handler=handler.name, problem=problem
        )
    return bool(problem)


async def _refresh(registry: Registry) -> list[Handler] | BaseException:
    """Reload in a daemon thread; return the handlers that changed, or the error."""

    def refresh() -> list[Handler] | BaseException:
        try:
            return registry.refresh()
        except BaseException as error:  # noqa: BLE001 - author's code: SystemExit would end the event loop
            return error

    refreshing = asyncio.ensure_future(run_in_daemon_thread(refresh, name="live configuration"))
    try:
        while not (await asyncio.wait({refreshing}, timeout=SLOW))[0]:
            structlog.get_logger().error(
                "reading a live configuration hangs, as of a file on a disk that does not respond; "
                "the previous one stays in force"
            )
    finally:
        refreshing.cancel()
    return refreshing.result()
