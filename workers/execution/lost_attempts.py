"""Detects lost attempts: recorded as running, with a message in flight at this worker, but without a task.

Such an attempt has ended without an outcome, and no other worker recovers it while this one writes heartbeats. The
check runs on the event loop that runs the attempts, so a blocked loop finds none.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import structlog

from vedette.store.queues.queue_messages import RUN_QUEUE
from vedette.store.server.keys import in_flight_key, run_key
from vedette.store.server.retrying import REDIS_ERRORS
from workers.runtime import InFlightRun, Runtime

LOOK = 5.0
"""Seconds between two checks; an attempt that is missing at both is lost."""


@dataclass(frozen=True)
class _Held:
    """An attempt that is recorded as running, with its message in flight at this worker."""

    attempt: InFlightRun
    generation: int


class LostAttempts:
    """Looks for this process's lost attempts while it runs."""

    def __init__(self, runtime: Runtime, *, every: float = LOOK) -> None:
        """Describe it.

        Args:
            runtime: The services of this process.
            every: Seconds between two checks.
        """
        self._runtime = runtime
        self._every = every
        self._suspects: frozenset[_Held] = frozenset()
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._looking = asyncio.create_task(self._look(), name="lost attempts")

    async def stop(self) -> None:
        """End looking."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def once(self) -> int:
        """Look once; return how many attempts were taken as lost, which were missing the last time, too.

        Raises:
            RedisError: Redis does not answer.
        """
        missing = frozenset(one for one in await self._running() if one.attempt not in self._runtime.attempts)
        lost, self._suspects = missing & self._suspects, missing - self._suspects
        for one in lost:
            attempt = one.attempt
            if await self._runtime.runs.lose_attempt(
                attempt.delivery, attempt.handler, one.generation, attempt.attempt_token
            ):
                log = structlog.get_logger()
                log.error("an attempt is lost and tried again", delivery=attempt.delivery, handler=attempt.handler)
        return len(lost)

    async def _running(self) -> list[_Held]:
        client = self._runtime.client
        held = await client.zrange(in_flight_key(RUN_QUEUE, self._runtime.worker), 0, -1, withscores=True)
        # dramatiq gives a message that it retries another id; the run's message has the id of the latest generation.
        names = [parts for identifier, _ in held if len(parts := identifier.decode().split(":")) == 3]  # noqa: PLR2004
        pipeline = client.pipeline(transaction=False)
        for delivery, run, _ in names:
            pipeline.hmget(run_key(delivery, run), ("state", "generation", "attempt_token"))
        rows = await pipeline.execute() if names else []
        return [
            _Held(InFlightRun(delivery, run, int(row[2])), int(generation))
            for (delivery, run, generation), row in zip(names, rows, strict=True)
            if row[0] == b"running" and row[1] == generation.encode() and row[2] is not None
        ]

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.once()
            except REDIS_ERRORS as error:
                structlog.get_logger().warning("lost attempts are looked for later", problem=str(error))
