"""Says at a worker's start, in one line, which handlers cannot do what they are meant to, for lack of permissions."""

import asyncio
from collections.abc import Callable, Collection, Iterable

import structlog

from vedette.access.context import IntegrationConnection
from vedette.plugins.access_summary import find_missing_access
from vedette.plugins.handler import Handler
from vedette.plugins.registry import Registry
from vedette.store.server.retrying import REDIS_ERRORS


class AccessReport:
    """The report of one worker process, made once."""

    def __init__(self, registry: Registry, connections: Callable[[], Iterable[IntegrationConnection]]) -> None:
        """Prepare.

        Args:
            registry: The handlers with their needs and grants.
            connections: Returns the connections of all integrations, for the scopes of their tokens.
        """
        self._registry = registry
        self._connections = connections
        self._reporting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to ask; no run waits for the answer."""
        self._reporting = asyncio.create_task(self.report(), name="access report")

    async def stop(self) -> None:
        """End asking."""
        if self._reporting is not None:
            self._reporting.cancel()
            await asyncio.wait([self._reporting])

    async def report(self) -> None:
        """Ask for the scopes of all tokens, and log what handlers lack; nothing is logged where all is well."""
        handlers = sorted(self._registry.handlers.values(), key=lambda one: one.name)
        for connection in self._connections():
            try:
                held = await connection.token.get()
            except REDIS_ERRORS as error:
                structlog.get_logger().debug("the token's scopes could not be read", problem=str(error))
                return
            lacks = describe_lacks(handlers, held)
            if lacks:
                structlog.get_logger().warning(
                    "handlers cannot do all they are meant to: `vedette doctor` shows how to mend it",
                    integration=connection.integration,
                    handlers=lacks,
                )


def describe_lacks(handlers: Iterable[Handler], token: Collection[str] | None) -> str:
    """Return handlers with what each lacks, in one line; an empty text where none lacks anything.

    Args:
        handlers: The handlers.
        token: The scopes that the token holds; None where they are not known.
    """
    found: list[str] = []
    for handler in handlers:
        # Without the line of the settings behind each: doctor shows it.
        lacks = [one.partition(": ")[0] for one in find_missing_access(handler, token)]
        if lacks:
            found.append(f"{handler.name}: {', '.join(lacks)}")
    return "; ".join(found)
