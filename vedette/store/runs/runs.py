"""Runs in Redis: one handler's work on one delivery, from the decision to its end, each step one script."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vedette._core.printable import LONGEST_TRACE
from vedette.store.queues.queue_messages import FAN_OUT_QUEUE, fan_out_id, fan_out_message
from vedette.store.runs.attempts import (
    NO_LIMITS,
    NOT_INDEXED,
    AttemptOutcome,
    AttemptStart,
    PlannedDelivery,
    PlannedRun,
    RunLimits,
    RunMessage,
)
from vedette.store.runs.run import Run, read_run
from vedette.store.server.client import RedisClient, Value
from vedette.store.server.clock import server_time
from vedette.store.server.keys import JOURNAL_LENGTH, PREFIX, run_key
from vedette.store.server.scripts import pairs, run_script

_SCRIPTS = (
    *("runs/plan", "runs/start_attempt", "runs/finish_attempt", "runs/release_attempt", "runs/lose_attempt"),
    *("runs/defer", "queues/delay"),
)
_SAME_SLOT = [PREFIX]
"""Redis Cluster sends a script to where its first key lives; all of ours live there."""


@dataclass(frozen=True)
class DispatchDecision:
    """The result of planning a delivery."""

    new: int
    """How many runs were made."""
    after: str = ""
    """An older delivery of its subject that has to be decided first; nothing was planned then."""


class Runs:
    """The runs in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._scripts = {name: client.register_script(run_script(name)) for name in _SCRIPTS}

    async def plan(
        self, delivery: str, handlers: Iterable[PlannedRun], label: str, about: PlannedDelivery = NOT_INDEXED
    ) -> DispatchDecision:
        """Make one run per handler and let it wait until it is first in the order; repeating it changes nothing.

        Args:
            delivery: The delivery's id.
            handlers: Those that it concerns.
            label: How people call the issue, such as `SHOP-4K`.
            about: What the delivery is indexed by, and its title for the journal.
        """
        arguments: list[Value] = [
            delivery,
            label,
            JOURNAL_LENGTH,
            about.title,
            about.issue,
            about.tenant,
            about.request,
        ]
        for one in handlers:
            arguments += [one.handler, one.mode, one.source, int(one.ordered), one.window]
        new, after = await self._call("runs/plan", arguments)
        return DispatchDecision(int(new), after.decode())

    async def start_attempt(
        self, delivery: str, handler: str, message: RunMessage, limits: RunLimits = NO_LIMITS
    ) -> AttemptStart:
        """Begin an attempt, unless it has to wait or the message no longer asks for it.

        Counted before the handler runs, so that a run that kills its process is known by it.
        """
        answer = await self._call(
            "runs/start_attempt",
            [
                *(delivery, handler, message.generation, message.in_flight, message.id),
                *(limits.concurrency, limits.rate, limits.period, message.call, message.isolate_after),
                message.tokens,
            ],
        )
        verdict: Any = answer[0].decode()
        if verdict != "go":
            return AttemptStart(verdict, answer[1].decode())
        bug: bytes = answer[5]
        return AttemptStart(
            "go",
            attempt=int(answer[1]),
            attempt_token=int(answer[2]),
            crashes=int(answer[3]),
            postponed=int(answer[4]),
            bug=bug.decode(),
            bugs=int(answer[6]),
            queued=int(answer[7]),
            started=int(answer[8]),
            coalesced_events=int(answer[9]),
            data=answer[10].decode(),
            record=pairs(answer[11]),
            held=int(answer[12]),
        )

    async def finish_attempt(self, delivery: str, handler: str, attempt_token: int, outcome: AttemptOutcome) -> bool:
        """Write down how an attempt ended; return whether it was still this attempt's to settle.

        Args:
            delivery: The delivery's id.
            handler: The handler's name.
            attempt_token: Which attempt; see `AttemptStart`.
            outcome: How it ended, and when it is tried again.
        """
        did = json.dumps(list(outcome.did))
        answer = await self._call(
            "runs/finish_attempt",
            [
                *(delivery, handler, attempt_token, outcome.state, did, outcome.error, outcome.trace[-LONGEST_TRACE:]),
                *(outcome.took, outcome.wait, int(outcome.postponed), outcome.bug, outcome.bugs, outcome.hold),
                *(JOURNAL_LENGTH, outcome.tokens, outcome.effect, _listed(outcome.rules), _listed(outcome.audit)),
                outcome.reasons,
            ],
        )
        return bool(answer[0])

    async def release_attempt(self, delivery: str, handler: str, attempt_token: int) -> None:
        """Take an attempt back that the worker's own end cuts off: it does not count."""
        await self._call("runs/release_attempt", [delivery, handler, attempt_token])

    async def lose_attempt(self, delivery: str, handler: str, generation: int, attempt_token: int) -> bool:
        """Take an attempt as lost, which counts as a crash, and queue its run; return whether it was still running."""
        return bool(await self._call("runs/lose_attempt", [delivery, handler, generation, attempt_token]))

    async def defer(self, delivery: str, run: str, attempt_token: int, *, name: str, data: str, wait: float) -> bool:
        """Let a run's handler run again on its delivery, later; repeating it changes nothing.

        Args:
            delivery: The delivery's id.
            run: The run that asks.
            attempt_token: Its attempt; see `AttemptStart`.
            name: The name of the deferred run among the handler's runs.
            data: What that run is given, as JSON.
            wait: Seconds until then.

        Returns:
            Whether the attempt is still the current one.
        """
        answer = await self._call("runs/defer", [delivery, run, attempt_token, name, data, round(wait * 1000)])
        return int(answer) == 1

    async def postpone(self, delivery: str, turn: int, wait: float) -> None:
        """Decide a delivery later, because it cannot be done now.

        Args:
            delivery: The delivery's id.
            turn: Which try it will be then.
            wait: Seconds until then.
        """
        now = round(await server_time(self._client) * 1000)
        message = fan_out_message(delivery, now, turn=turn)
        await self._call("queues/delay", [FAN_OUT_QUEUE, fan_out_id(delivery, turn), message, round(wait * 1000)])

    async def get(self, delivery: str, handler: str) -> Run | None:
        """Return one run, or None when there is none."""
        fields = await self._client.hgetall(run_key(delivery, handler))
        return read_run(fields) if fields else None

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
                found[delivery].append(read_run(fields))
        return found

    async def _call(self, name: str, arguments: Sequence[Value]) -> Any:
        return await self._scripts[name](keys=_SAME_SLOT, args=arguments)


def _listed(values: Sequence[str | int]) -> str:
    return json.dumps(list(values)) if values else ""
