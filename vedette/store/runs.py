"""Runs: one handler's work on one delivery, from the decision to its end."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from vedette.store.client import RedisClient
from vedette.store.keys import JOURNAL, JOURNAL_LENGTH, delivery_key, messages_key, queue_key, run_key
from vedette.store.messages import RUN_QUEUE, run_message
from vedette.store.scripts import script

RunState = Literal["queued", "running", "retrying", "done", "dead"]
FINAL_STATES = frozenset({"done", "dead"})


@dataclass(frozen=True)
class Run:
    """One handler's work on one delivery."""

    delivery: str
    handler: str
    mode: str
    state: str
    """`queued`, `running`, `retrying`, `done` or `dead`."""
    attempts: int
    queued: int
    """Unix time in milliseconds, as are `started` and `ended`."""
    started: int | None
    ended: int | None
    took: int | None
    """Milliseconds of the last attempt."""
    did: tuple[str, ...]
    """What it did, in plain English."""
    error: str | None


@dataclass(frozen=True)
class Outcome:
    """How one attempt ended."""

    state: Literal["done", "retrying", "dead"]
    did: Sequence[str]
    took: int
    """Milliseconds."""
    error: str = ""


class Runs:
    """The runs in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._plan = client.register_script(script("plan"))
        self._settle = client.register_script(script("settle"))

    async def plan(self, delivery: str, handlers: Iterable[tuple[str, str]], label: str) -> int:
        """Make one run per handler and queue it; repeating it changes nothing.

        Args:
            delivery: The delivery's id.
            handlers: Name and mode of each handler that matches.
            label: How people call the issue, such as `SHOP-4K`.

        Returns:
            How many runs were new.
        """
        now = _now()
        keys = [delivery_key(delivery), queue_key(RUN_QUEUE), messages_key(RUN_QUEUE), JOURNAL]
        arguments: list[bytes | str | int | float] = [delivery, now, JOURNAL_LENGTH, label]
        for name, mode in handlers:
            keys.append(run_key(delivery, name))
            arguments += [name, mode, run_message(delivery, name, now)]
        return int(await self._plan(keys=keys, args=arguments))

    async def begin(self, delivery: str, handler: str) -> int:
        """Note that an attempt starts and return its number, 1 for the first.

        Counted before the handler runs, so that one that kills its process uses up its attempts too.
        """
        key = run_key(delivery, handler)
        attempt = await self._client.hincrby(key, "attempts", 1)
        await self._client.hset(key, mapping={"state": "running", "started": _now()})
        return attempt

    async def settle(self, delivery: str, handler: str, outcome: Outcome) -> bool:
        """Write down how an attempt ended; return whether the delivery is finished with it."""
        siblings = await self._client.hget(delivery_key(delivery), "runs") or handler.encode()
        keys = [run_key(delivery, handler), delivery_key(delivery), JOURNAL]
        keys += [run_key(delivery, name) for name in siblings.decode().split(",")]
        did = json.dumps(list(outcome.did))
        arguments = [outcome.state, _now(), JOURNAL_LENGTH, did, outcome.error, outcome.took]
        return bool(await self._settle(keys=keys, args=arguments))

    async def get(self, delivery: str, handler: str) -> Run | None:
        """Return one run, or None when there is none."""
        fields = await self._client.hgetall(run_key(delivery, handler))
        return _run(fields) if fields else None

    async def of(self, deliveries: Sequence[tuple[str, Sequence[str]]]) -> dict[str, list[Run]]:
        """Return the runs of several deliveries in one round trip.

        Args:
            deliveries: Each one's id and the names of its handlers.
        """
        pipeline = self._client.pipeline(transaction=False)
        wanted = [(delivery, handler) for delivery, handlers in deliveries for handler in handlers]
        for delivery, handler in wanted:
            pipeline.hgetall(run_key(delivery, handler))
        rows: list[dict[bytes, bytes]] = await pipeline.execute() if wanted else []
        found: dict[str, list[Run]] = {delivery: [] for delivery, _ in deliveries}
        for (delivery, _), fields in zip(wanted, rows, strict=True):
            if fields:
                found[delivery].append(_run(fields))
        return found


def _run(fields: Mapping[bytes, bytes]) -> Run:
    values: dict[str, Any] = {name.decode(): value.decode(errors="replace") for name, value in fields.items()}

    def number(name: str) -> int | None:
        return int(values[name]) if values.get(name) else None

    return Run(
        delivery=values.get("delivery", ""),
        handler=values.get("handler", ""),
        mode=values.get("mode", ""),
        state=values.get("state", "queued"),
        attempts=number("attempts") or 0,
        queued=number("queued") or 0,
        started=number("started"),
        ended=number("ended"),
        took=number("took"),
        did=tuple(json.loads(values.get("did") or "[]")),
        error=values.get("error") or None,
    )


def _now() -> int:
    return time.time_ns() // 1_000_000
