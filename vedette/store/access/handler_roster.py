"""The list of handlers that the workers have loaded, for processes that do not run plugin code."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from redis.exceptions import ResponseError

from vedette._core.user_error import UserError
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import ROSTER

OFF = "off"
"""The mode of a handler that is disabled, or ships with Vedette and waits for its settings."""


@dataclass(frozen=True)
class RosterHandler:
    """A handler that the workers run."""

    name: str
    patterns: tuple[str, ...]
    mode: str
    source: str
    needs: tuple[str, ...] = ()
    """Sentry's scopes that it says it needs."""
    grant: str = ""
    """Its grant as text."""
    modes: tuple[str, ...] = ()
    """Other modes for some projects: `shop-*: act`."""
    missing: tuple[str, ...] = ()
    """The reasons why a need is not met, each with the line that would change it."""
    when: str = ""
    """Its condition."""
    echoes: bool = False
    rebuilt: str = "recent"
    """Which rebuilt events it receives."""
    crons: tuple[str, ...] = ()
    """Its schedules: expression and timezone."""
    where: str = ""
    """The projects that it is on for, as text; empty for all."""


@dataclass(frozen=True)
class RosterProblem:
    """Something that is wrong with what the workers have loaded."""

    source: str
    """The plugin, handler, setting or place that it is about."""
    reason: str
    is_left_out: bool = True
    """Return whether the workers go on without it; else it is at work, and names what Sentry does not have."""

    def __str__(self) -> str:
        return f"{self.source} was left out: {self.reason}" if self.is_left_out else f"{self.source}: {self.reason}"


@dataclass(frozen=True)
class HandlerRoster:
    """The handlers and problems that one worker process found when it started."""

    handlers: tuple[RosterHandler, ...]
    problems: tuple[RosterProblem, ...]
    written: int = 0
    """Unix time in milliseconds, by the server's clock; `write_roster` sets it."""
    names: tuple[str, ...] = ()
    """The names of all handlers that were found, also of those that cannot be used; empty where that is not known."""
    providers: tuple[str, ...] = ()
    """The names of all providers that take settings."""
    is_complete: bool = True
    """Return whether every plugin could be loaded."""


class UnreadableRosterError(UserError):
    """The value in Redis for the handler list is not one."""

    def __init__(self) -> None:
        super().__init__(
            f"What Redis holds under {ROSTER} is no list of handlers: restart a worker (`vedette worker`), which "
            "writes it again"
        )


async def write_roster(client: RedisClient, roster: HandlerRoster, *, only_if_missing: bool = False) -> bool:
    """Write the handlers of this process in place of the last ones; return whether they were written.

    Args:
        client: Redis.
        roster: The handler list of this process.
        only_if_missing: Write nothing if there are any.
    """
    if only_if_missing and await client.exists(ROSTER):
        return False
    written = round(await server_time(client) * 1000)
    text = json.dumps(asdict(replace(roster, written=written)))
    return bool(await client.set(ROSTER, text, nx=only_if_missing))


async def read_roster(client: RedisClient) -> HandlerRoster | None:
    """Return the newest handler list, or None when no worker has started yet.

    Raises:
        UnreadableRosterError: The value in Redis is no handler list.
    """
    try:
        text = await client.get(ROSTER)
        return None if text is None else _roster_of(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ResponseError):
        raise UnreadableRosterError from None


async def readable_roster(client: RedisClient) -> HandlerRoster | None:
    """Return the newest handler list; None also for an unreadable one, until a worker writes it again."""
    try:
        return await read_roster(client)
    except UnreadableRosterError:
        return None


def _roster_of(values: Mapping[str, Any]) -> HandlerRoster:
    handlers: list[dict[str, Any]] = values["handlers"]
    problems: list[dict[str, Any]] = values["problems"]
    return HandlerRoster(
        tuple(_handler(values) for values in handlers),
        tuple(RosterProblem(str(p["source"]), str(p["reason"]), bool(p.get("is_left_out", True))) for p in problems),
        int(values["written"]),
        tuple(map(str, values.get("names", ()))),
        tuple(map(str, values.get("providers", ()))),
        bool(values.get("is_complete", True)),
    )


def _handler(values: Mapping[str, Any]) -> RosterHandler:
    lists: dict[str, Any] = {
        name: tuple(map(str, values.get(name, ()))) for name in ("patterns", "needs", "modes", "missing", "crons")
    }
    return RosterHandler(**{**values, **lists})
