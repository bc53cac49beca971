"""Writes the handler list to Redis, so that commands can show what the workers have loaded."""

from vedette.plugins.access_summary import find_missing_access
from vedette.plugins.handler import Handler
from vedette.plugins.registry import Registry
from vedette.store.access.handler_roster import OFF, HandlerRoster, RosterHandler, RosterProblem, write_roster
from vedette.store.server.client import RedisClient
from vedette.store.server.retrying import retry_until_available


async def publish_handlers(client: RedisClient, registry: Registry, *, only_if_missing: bool = False) -> None:
    """Write the list, and retry until Redis is available.

    Args:
        client: The connection to Redis.
        registry: The handlers of this process.
        only_if_missing: Whether to keep a list that is stored already.
    """
    await retry_until_available(lambda: write_roster(client, list_handlers(registry), only_if_missing=only_if_missing))


def list_handlers(registry: Registry) -> HandlerRoster:
    """Return the handler list, sorted by name; disabled handlers are last."""
    handlers = sorted(registry.handlers.values(), key=lambda handler: handler.name)
    off = (RosterHandler(one.name, one.patterns, OFF, one.source, missing=(one.remedy,)) for one in registry.off)
    return HandlerRoster(
        (*(_describe(one) for one in handlers), *off),
        tuple(RosterProblem(one.source, one.reason, one.is_left_out) for one in registry.problems),
        names=tuple(sorted(registry.names)),
        providers=tuple(sorted(registry.providers)),
        is_complete=registry.is_complete,
    )


def _describe(handler: Handler) -> RosterHandler:
    return RosterHandler(
        handler.name,
        handler.patterns,
        handler.mode,
        handler.source,
        needs=handler.needs,
        grant=str(handler.grant),
        modes=tuple(f"{pattern}: {mode}" for pattern, mode in handler.modes.items()),
        missing=find_missing_access(handler),
        when=_describe_condition(handler),
        echoes=handler.echoes,
        rebuilt=handler.rebuilt,
        crons=tuple(str(cron) for cron in handler.crons),
        where=str(handler.where),
    )


def _describe_condition(handler: Handler) -> str:
    if handler.live_config is not None:
        return handler.live_config.summary
    return "" if handler.condition is None else handler.condition.text
