"""Declares the actors: `fan_out` dispatches a delivery, `run` runs one handler on it, `cron` fires a scheduled job."""

from typing import TYPE_CHECKING

import dramatiq

from vedette.store.queues.cron_jobs import JobKey
from vedette.store.queues.queue_messages import CRON_ACTOR, FAN_OUT_QUEUE, RUN_QUEUE
from workers.dispatch.fan_out import fan_out
from workers.execution.executor import execute_run

if TYPE_CHECKING:
    from workers.runtime import Runtime
    from workers.scheduling.cron_scheduler import CronScheduler

_BACKSTOP = 86_400.0
"""Seconds beyond every time limit after which dramatiq's own time limit applies."""


def declare_actors(broker: dramatiq.Broker, runtime: "Runtime", periodic: "CronScheduler") -> None:
    """Declare the actors on `broker`, bound to this process's runtime."""
    # Waiting for Redis does not count towards the handler's time limit.
    limit = (longest_limit(runtime) + _BACKSTOP) * 1000

    async def fan_out_actor(delivery: str, turn: int = 1) -> None:
        await fan_out(runtime, delivery, turn)

    async def run_actor(delivery: str, handler: str, generation: int) -> None:
        await execute_run(runtime, delivery, handler, generation)

    async def cron_actor(handler: str, integration: str, cron: str, timezone: str, due: int) -> None:
        await periodic.fire(JobKey(handler, integration, cron, timezone), due)

    dramatiq.actor(cron_actor, broker=broker, actor_name=CRON_ACTOR, queue_name=FAN_OUT_QUEUE, time_limit=limit)
    dramatiq.actor(fan_out_actor, broker=broker, actor_name="fan_out", queue_name=FAN_OUT_QUEUE, time_limit=limit)
    dramatiq.actor(run_actor, broker=broker, actor_name="run", queue_name=RUN_QUEUE, time_limit=limit)


def longest_limit(runtime: "Runtime") -> float:
    """Return the longest time, in seconds, that any handler may take."""
    limits = [handler.options.time_limit or 0.0 for handler in runtime.registry.handlers.values()]
    return max([runtime.settings.worker.time_limit, *limits])
