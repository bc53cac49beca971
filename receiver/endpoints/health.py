"""Serves the health and metrics endpoints.

Ready means that a delivery would be stored, not that Redis is available: a receiver that spools is working, and taking
it out of service would lose deliveries. It is 503 only when neither Redis nor the disk accepts writes.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from receiver.endpoints.responses import send_bytes, send_json
from receiver.observability.group_metrics import GroupMetrics
from receiver.observability.receiver_metrics import CONTENT_TYPE, ReceiverMetrics
from receiver.redis_link.reconnecting_connection import ReconnectingConnection
from receiver.spool.spool import SpoolStatus
from vedette.store.server.pipelined_connection import ConnectionLostError, RedisReplyError, encode_command

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_PING = encode_command(b"PING")
_NO_STORE = (b"cache-control", b"no-store")


async def report_liveness(scope: "Scope", receive: "Receive", send: "Send") -> None:
    """Respond that the process is live."""
    del scope, receive
    await send_json(send, 200, {"status": "live"}, _NO_STORE)


@dataclass(frozen=True)
class ReadinessEndpoint:
    """The readiness endpoint: `ready`, `spooling` or `refusing`, with the state of Redis and the spool."""

    link: ReconnectingConnection
    spool: Callable[[], SpoolStatus]
    timeout: float
    """Seconds to wait for Redis's response."""

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Send PING to Redis, and respond with its state and the spool's."""
        del scope, receive
        problem = await self._redis_problem()
        spool = self.spool()
        status = "ready" if not problem else "spooling" if spool.accepts else "refusing"
        answer = {"status": status, "redis": {"up": not problem, "problem": problem}, "spool": spool.to_dict()}
        await send_json(send, 503 if status == "refusing" else 200, answer, _NO_STORE)

    async def _redis_problem(self) -> str:
        connection = self.link.connection
        if connection is None:
            return self.link.problem
        try:
            async with asyncio.timeout(self.timeout):
                await connection.execute(_PING)
        except TimeoutError:
            return f"no answer within {self.timeout:g} s"
        except (ConnectionLostError, RedisReplyError) as error:
            return str(error)
        return ""


@dataclass(frozen=True)
class MetricsEndpoint:
    """The endpoint of the metrics in Prometheus's format."""

    metrics: ReceiverMetrics
    group: GroupMetrics | None = None
    """The metrics of the other processes too, where there are several."""

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Respond with all metrics."""
        del scope, receive
        rendered = self.metrics.render() if self.group is None else await self.group.render()
        await send_bytes(send, 200, rendered, (b"content-type", CONTENT_TYPE), _NO_STORE)
