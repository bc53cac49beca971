"""The roster: which handlers the workers have loaded, so that others can show them without running plugin code."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from vedette.store.client import RedisClient
from vedette.store.keys import ROSTER


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
    """What it is allowed, in words."""
    modes: tuple[str, ...] = ()
    """Other modes for some projects: `shop-*: act`."""
    missing: tuple[str, ...] = ()
    """What keeps it from what it needs, each with the line that would change it."""
    when: str = ""
    """Its condition."""
    echoes: bool = False
    crons: tuple[str, ...] = ()
    """When it runs by the clock: expression and timezone."""
    where: str = ""
    """The projects that it is on for, in words; empty for all."""


@dataclass(frozen=True)
class RosterProblem:
    """A plugin that the workers could not take."""

    source: str
    reason: str


@dataclass(frozen=True)
class Roster:
    """What one worker process found when it started."""

    handlers: tuple[RosterHandler, ...]
    problems: tuple[RosterProblem, ...]
    written: int
    """Unix time in milliseconds."""


async def write_roster(client: RedisClient, roster: Roster) -> None:
    """Put this process's roster in place of the last one."""
    await client.set(ROSTER, json.dumps(asdict(roster)))


async def read_roster(client: RedisClient) -> Roster | None:
    """Return the newest roster, or None when no worker has started yet."""
    text = await client.get(ROSTER)
    if text is None:
        return None
    values = json.loads(text)
    handlers: list[dict[str, Any]] = values["handlers"]
    problems: list[dict[str, Any]] = values["problems"]
    return Roster(
        tuple(_handler(values) for values in handlers),
        tuple(RosterProblem(p["source"], p["reason"]) for p in problems),
        int(values["written"]),
    )


def _handler(values: Mapping[str, Any]) -> RosterHandler:
    lists: dict[str, Any] = {
        name: tuple(values.get(name, ())) for name in ("patterns", "needs", "modes", "missing", "crons")
    }
    return RosterHandler(**{**values, **lists})
