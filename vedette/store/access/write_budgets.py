"""Checks pauses and budgets before a write is sent, in one round trip.

Checked in Redis at every write, so that a pause holds everywhere at once and a budget is one for all processes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vedette._core.ids import new_identifier
from vedette._core.json_values import json_object
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import CALLS, PAUSED, issue_writes_key, principal_writes_key
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


class WriteBudgets:
    """Pauses and budgets in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._admit = client.register_script(script("access/admit_write"))

    @property
    def client(self) -> RedisClient:
        """The client of the Redis that holds them."""
        return self._client

    async def ask(self, principal: str, issues: Sequence[str], bounds: BudgetLimits) -> BudgetDecision:
        """Admit a write of a principal to these issues, and count it; or return the pause or the budget that denies it.

        Args:
            principal: The key of the principal that writes.
            issues: The issues, each with its tenant, since two Sentrys give the same ids.
            bounds: The writes that are allowed within an hour of the server's clock.
        """
        return await self._decide(principal, issues, bounds, new_identifier())

    async def look(self, principal: str, issues: Sequence[str], bounds: BudgetLimits) -> BudgetDecision:
        """Return what `ask` would decide, and count nothing."""
        return await self._decide(principal, issues, bounds, "")

    async def written(self, principal: str) -> int:
        """Return the number of a principal's writes within the last hour of the server's clock."""
        since = round(await server_time(self._client) * 1000) - _HOUR
        return await self._client.zcount(principal_writes_key(principal), since, "+inf")

    async def _decide(self, principal: str, issues: Sequence[str], bounds: BudgetLimits, member: str) -> BudgetDecision:
        keys = [PAUSED, principal_writes_key(principal)]
        for issue in issues:
            keys += [principal_writes_key(principal, issue), issue_writes_key(issue)]
        arguments = [principal, member, bounds.per_hour, bounds.per_issue, bounds.circle]
        verdict, detail, *wait = await self._admit(keys=keys, args=arguments)
        if verdict == b"paused":
            return BudgetDecision("paused", _pause(principal, detail).by)
        return BudgetDecision(verdict.decode(), detail.decode(), sum(map(int, wait)) / 1000)

    async def pause(self, principal: str, by: str) -> None:
        """Stop all writes of a principal, or of all."""
        await self._client.hset(
            PAUSED, mapping={principal: json.dumps({"by": by, "at": round(await server_time(self._client) * 1000)})}
        )

    async def resume(self, principal: str) -> bool:
        """Take a pause back; return whether there was one."""
        return bool(await self._client.hdel(PAUSED, principal))

    async def pause_of(self, principal: str) -> Pause | None:
        """Return the pause that holds a principal's writes, or None."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.hmget(PAUSED, [EVERY_PRINCIPAL, principal])
        (found,) = await pipeline.execute()
        for name, text in zip((EVERY_PRINCIPAL, principal), found, strict=True):
            if text is not None:
                return _pause(name, text)
        return None

    async def pauses(self) -> list[Pause]:
        """Return all pauses."""
        found = await self._client.hgetall(PAUSED)
        return [_pause(name.decode(errors="replace"), text) for name, text in sorted(found.items())]

    async def count(self, principal: str, what: str) -> None:
        """Count a call by what became of it: `read`, `sent`, `denied`, `observed`, `proposed`, `paused`."""
        await self._client.hincrby(CALLS, f"{principal} {what}", 1)

    async def counts(self) -> dict[str, dict[str, int]]:
        """Return principal -> what -> how many calls."""
        counted: dict[str, dict[str, int]] = {}
        for name, number in (await self._client.hgetall(CALLS)).items():
            principal, _, what = name.decode().rpartition(" ")
            counted.setdefault(principal, {})[what] = int(number)
        return counted


def _pause(principal: str, text: bytes) -> Pause:
    """Read a pause. One that was altered by hand is one all the same: nothing is written while it is there."""
    try:
        values: object = json.loads(text)
    except ValueError:
        values = None
    known = json_object(values)
    at = known.get("at")
    return Pause(principal, str(known.get("by", "somebody")), at if isinstance(at, int) else 0)


def pause_object(pause: Pause) -> dict[str, str | int]:
    """Return a pause as programs read it: its principal under the name `handler`."""
    return {"handler": pause.principal, "by": pause.by, "at": pause.at}
