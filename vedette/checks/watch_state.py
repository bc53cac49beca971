"""Decides when a finding of the watchdog counts: two sightings in a row to be broken, one to be well.

A check that could not be made (`unknown`) changes nothing, so an outage of Sentry neither alarms nor calms anybody.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from vedette._core.json_values import json_object
from vedette.checks.findings import Finding
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import WATCH

SIGHTINGS: Final = 2
"""Looks in a row that have to find a check broken, or with a warning."""


@dataclass(frozen=True, slots=True)
class WatchState:
    """The state of one check of one integration."""

    finding: Finding
    """The finding that counts."""
    since: float
    """When its state began: Unix time in seconds."""
    seen: float
    """When the check was last made."""
    suspected: int = 0
    """Looks in a row that found it worse than what counts."""

    @property
    def is_suspected(self) -> bool:
        """Return whether the next look decides, so that it is made sooner."""
        return self.suspected > 0

    def after(self, finding: Finding, now: float) -> "WatchState":
        """Return the state after one more look."""
        if finding.state == "unknown":
            return replace(self, seen=now)
        if finding.severity <= self.finding.severity and self.finding.state != "unknown":
            is_same = finding.state == self.finding.state
            return WatchState(finding, self.since if is_same else now, now)
        if finding.severity == 0:
            return WatchState(finding, now, now)
        if self.suspected + 1 < SIGHTINGS:
            return replace(self, seen=now, suspected=self.suspected + 1)
        return WatchState(finding, now, now)

    def as_json(self) -> str:
        """Return the state for storage."""
        values = {"since": self.since, "seen": self.seen, "suspected": self.suspected}
        return json.dumps({"finding": self.finding.as_json(), **values})

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Return the state that `as_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: It is none.
        """
        values: dict[str, Any] = dict(json_object(json.loads(text)))
        finding = Finding.from_json(json_object(values["finding"]))
        return cls(finding, float(values["since"]), float(values["seen"]), int(values["suspected"]))


def first_state(finding: Finding, now: float) -> WatchState:
    """Return the state after the first look of all."""
    nothing = Finding(finding.check, "unknown", "was not looked at yet", integration=finding.integration)
    return WatchState(nothing, now, now).after(finding, now)


def read_states(fields: Mapping[bytes, bytes]) -> dict[tuple[str, str], WatchState]:
    """Return integration and check -> state, from the fields of the hash in Redis; unreadable ones are left out."""
    found: dict[tuple[str, str], WatchState] = {}
    for name, text in fields.items():
        integration, _, check = name.decode().rpartition(" ")
        try:
            found[integration, check] = WatchState.from_json(text)
        except (ValueError, KeyError, TypeError):
            # Of another version: the next look writes it again.
            continue
    return found


class WatchStates:
    """The states in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def of(self, integration: str) -> dict[str, WatchState]:
        """Return check -> its state.

        Raises:
            redis.exceptions.RedisError: Redis gives no answer.
        """
        states = read_states(await self._client.hgetall(WATCH))
        return {check: state for (name, check), state in states.items() if name == integration}

    async def keep_only(self, integrations: Collection[str], checks: Collection[str]) -> list[tuple[str, str]]:
        """Forget the states of all other integrations and checks, and return them: they are no longer looked at.

        Raises:
            redis.exceptions.RedisError: Redis gives no answer.
        """
        gone: list[tuple[str, str]] = []
        for name in await self._client.hgetall(WATCH):
            integration, _, check = name.decode().rpartition(" ")
            if integration not in integrations or check not in checks:
                await self._client.hdel(WATCH, name.decode())
                gone.append((integration, check))
        return gone

    async def write(self, integration: str, states: dict[str, WatchState]) -> None:
        """Store the states of an integration's checks.

        Raises:
            redis.exceptions.RedisError: Redis gives no answer.
        """
        mapping = {f"{integration} {check}": state.as_json() for check, state in states.items()}
        await self._client.hset(WATCH, mapping=mapping)
