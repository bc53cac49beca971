"""Holds the pauses and budgets of writes, and counts calls.

They are checked in Redis at every write (`departures.py`), so that a pause holds everywhere at once and a budget is one
for all processes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from vedette._core.detached_tasks import DetachedTasks
from vedette._core.json_values import json_object
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import CALLS, PAUSED, issue_writes_key, principal_writes_key
from vedette.store.server.retrying import REDIS_ERRORS
from vedette.store.server.scripts import script

EVERY_PRINCIPAL = "*"
NO_BOUND = -1
_HOUR = 3_600_000
"""Milliseconds."""


@dataclass(frozen=True)
class BudgetLimits:
    """The writes allowed in an hour; -1 for no bound."""

    per_hour: int = NO_BOUND
    per_issue: int = NO_BOUND
    """By this principal."""
    circle: int = NO_BOUND
    """To one issue, by all principals together."""


@dataclass(frozen=True)
class BudgetDecision:
    """The decision about a write."""

    verdict: Literal["go", "paused", "hour", "issue", "circle"]
    detail: str
    """Who paused it, or the bound that is reached."""
    wait: float = 0.0
    """Seconds until the budget that denies it allows a write again."""


@dataclass(frozen=True)
class Pause:
    """An order that stops all writes."""

    principal: str
    """Its key, or `*` for all."""
    by: str
    at: int
    """Unix time in milliseconds."""
    until: int | None = None
    """When it ends by itself, Unix time in milliseconds; None for a pause that somebody has to end."""


class WriteBudgets:
    """Pauses and budgets in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._counting = DetachedTasks()
        self._look = client.register_script(f"{script('access/_admission')}\n{script('access/look_at_budgets')}")

    @property
    def client(self) -> RedisClient:
        """The client of the Redis that holds them."""
        return self._client

    async def look(self, principal: str, issues: Sequence[str], bounds: BudgetLimits) -> BudgetDecision:
        """Return what would be decided about a write of a principal to these issues now; nothing is counted.

        Args:
            principal: The key of the principal that writes.
            issues: The issues, each with its tenant, since two Sentrys give the same ids.
            bounds: The writes that are allowed within an hour of the server's clock.
        """
        arguments = [principal, bounds.per_hour, bounds.per_issue, bounds.circle]
        return read_decision(principal, await self._look(keys=budget_keys(principal, issues), args=arguments))

    async def written(self, principal: str) -> int:
        """Return the number of a principal's writes within the last hour of the server's clock."""
        since = round(await server_time(self._client) * 1000) - _HOUR
        return await self._client.zcount(principal_writes_key(principal), since, "+inf")

    async def pause(self, principal: str, by: str, seconds: float | None = None) -> Pause:
        """Stop all writes of a principal, or of all, for some seconds or until they are resumed; return the pause."""
        now = round(await server_time(self._client) * 1000)
        until = None if seconds is None else now + round(seconds * 1000)
        end = {} if until is None else {"until": until}
        await self._client.hset(PAUSED, mapping={principal: json.dumps({"by": by, "at": now, **end})})
        return Pause(principal, by, now, until)

    async def resume(self, principal: str) -> bool:
        """Take a pause back; return whether one was in force."""
        was_paused = any(pause.principal == principal for pause in await self.pauses())
        await self._client.hdel(PAUSED, principal)
        return was_paused

    async def pause_of(self, principal: str) -> Pause | None:
        """Return the pause that holds a principal's writes, or None."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.hmget(PAUSED, [EVERY_PRINCIPAL, principal])
        (found,) = await pipeline.execute()
        for name, text in zip((EVERY_PRINCIPAL, principal), found, strict=True):
            if text is not None and not await self._has_ended(pause := _pause(name, text)):
                return pause
        return None

    async def pauses(self) -> list[Pause]:
        """Return all pauses that are in force."""
        found = await self._client.hgetall(PAUSED)
        pauses = [_pause(name.decode(errors="replace"), text) for name, text in sorted(found.items())]
        return [pause for pause in pauses if not await self._has_ended(pause)]

    async def _has_ended(self, pause: Pause) -> bool:
        return pause.until is not None and pause.until <= await server_time(self._client) * 1000

    async def count(self, principal: str, what: str) -> None:
        """Count a call by what became of it: `read`, `sent`, `denied`, `observed`, `proposed`, `paused`."""
        await self._client.hincrby(CALLS, counter_of(principal, what), 1)

    def count_soon(self, principal: str, what: str) -> None:
        """Count a call as `count` does, and do not wait for it; where Redis does not answer, it is not counted."""
        self._counting.start(self._count(principal, what))

    async def _count(self, principal: str, what: str) -> None:
        try:
            await self.count(principal, what)
        except REDIS_ERRORS as error:
            structlog.get_logger().debug("call is not counted", principal=principal, problem=str(error))

    async def counts(self) -> dict[str, dict[str, int]]:
        """Return principal -> what -> how many calls."""
        counted: dict[str, dict[str, int]] = {}
        for name, number in (await self._client.hgetall(CALLS)).items():
            principal, _, what = name.decode().rpartition(" ")
            counted.setdefault(principal, {})[what] = int(number)
        return counted


def budget_keys(principal: str, issues: Sequence[str]) -> list[str]:
    """Return the keys by which a write to these issues is admitted."""
    keys = [PAUSED, principal_writes_key(principal)]
    for issue in issues:
        keys += [principal_writes_key(principal, issue), issue_writes_key(issue)]
    return keys


def counter_of(principal: str, what: str) -> str:
    """Return the name of the counter of a principal's calls by what became of them."""
    return f"{principal} {what}"


def read_decision(principal: str, reply: Sequence[Any]) -> BudgetDecision:
    """Read a script's decision on a write of a principal."""
    verdict, detail, *wait = reply
    if verdict == b"paused":
        return BudgetDecision("paused", _pause(principal, detail).by)
    return BudgetDecision(verdict.decode(), detail.decode(), sum(map(int, wait)) / 1000)


def _pause(principal: str, text: bytes) -> Pause:
    """Read a pause. One that was altered by hand is one all the same: nothing is written while it is there."""
    try:
        values: object = json.loads(text)
    except ValueError:
        values = None
    known = json_object(values)
    at, until = known.get("at"), known.get("until")
    by = str(known.get("by", "somebody"))
    return Pause(principal, by, at if isinstance(at, int) else 0, until if type(until) is int else None)


def pause_object(pause: Pause) -> dict[str, str | int]:
    """Return a pause as programs read it: its principal under the name `handler`."""
    end = {} if pause.until is None else {"until": pause.until}
    return {"handler": pause.principal, "by": pause.by, "at": pause.at, **end}
