"""Whether this receiver lives, and whether it can take deliveries.

Ready means that a delivery would be kept, not that Redis is there: a receiver that spools is doing its work, and taking
it out of service would lose what it is there to save. Only when neither Redis nor the disk would take one is it 503.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from receiver.endpoints.responses import send_bytes, send_json
from receiver.observability.receiver_metrics import CONTENT_TYPE, Metrics
from receiver.redis_link.connection import ConnectionLostError, RedisRefusedError, encode_command
from receiver.redis_link.reconnecting import ReconnectingConnection
from receiver.spool.spool import SpoolStatus

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_PING = encode_command(b"PING")
_NO_STORE = (b"cache-control", b"no-store")


async def live(scope: "Scope", receive: "Receive", send: "Send") -> None:
    """Say that the process answers."""
    del scope, receive
    await send_json(send, 200, {"status": "live"}, _NO_STORE)


@dataclass(frozen=True)
class ReadinessEndpoint:
    """Says whether a delivery would be kept, and where: `ready`, `spooling` or `refusing`."""

    link: ReconnectingConnection
    spool: Callable[[], SpoolStatus]
    timeout: float
    """How long Redis is waited for, in seconds."""

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Ask Redis and look at the spool."""
        del scope, receive
        problem = await self._redis_problem()
        spool = self.spool()
        status = "ready" if not problem else "spooling" if spool.takes else "refusing"
        answer = {"status": status, "redis": {"up": not problem, "problem": problem}, "spool": spool.to_dict()}
        await send_json(send, 503 if status == "refusing" else 200, answer, _NO_STORE)

    async def _redis_problem(self) -> str:
        connection = self.link.connection
        if connection is None:
            return self.link.problem
        try:
            async with asyncio.timeout(self.timeout):
                await connection.ask(_PING)
        except TimeoutError:
            return f"no answer within {self.timeout:g} s"
        except (ConnectionLostError, RedisRefusedError) as error:
            return str(error)
        return ""


@dataclass(frozen=True)
class MetricsEndpoint:
    """Shows the metrics."""

    metrics: Metrics

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Send all of them."""
        del scope, receive
        await send_bytes(send, 200, self.metrics.exposition(), (b"content-type", CONTENT_TYPE), _NO_STORE)
