"""Opens the circuit breaker of a token that Sentry refuses, in all processes at once, and closes it when one works.

While it is open, the runs of the integration wait in Redis (`start_attempt.lua`), and people are notified once.
"""

from dataclasses import dataclass

import structlog

from vedette.alarms.alarms import Alarms
from vedette.api.transport.token_guard import TokenRefusal
from vedette.store.access.refused_tokens import RefusedTokens
from vedette.store.server.client import RedisClient
from vedette.store.server.retrying import REDIS_ERRORS


@dataclass
class TokenBreaker:
    """The breaker of one integration's token, as a worker process holds it."""

    client: RedisClient
    integration: str
    fingerprint: str
    is_recorded: bool = True
    """False while a refusal could not be written to Redis."""

    async def open(self, refusal: TokenRefusal) -> None:
        """Record a refusal and raise the alarm; where Redis is away, `is_recorded` says that it is still to be done."""
        log = structlog.get_logger().bind(integration=self.integration, status=refusal.status, detail=refusal.detail)
        try:
            await self._record(refusal)
        except REDIS_ERRORS as error:
            self.is_recorded = False
            log.warning("Sentry refuses the token; runs wait once Redis is back", problem=str(error))
            return
        self.is_recorded = True
        log.error("Sentry refuses the token: runs wait until a token works")

    async def close(self) -> bool:
        """Record that the token works, and end the alarm; return whether a refusal ended with that.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        await Alarms(self.client).clear("token", self.integration)
        self.is_recorded = True
        ended = await RefusedTokens(self.client).accept(self.integration, self.fingerprint)
        if ended:
            structlog.get_logger().info("the token works; runs go on", integration=self.integration)
        return ended

    async def _record(self, refusal: TokenRefusal) -> None:
        tokens = RefusedTokens(self.client)
        # The refusal of a token that another has replaced is no news, though this worker meets it only now.
        if not await tokens.is_refused(self.integration, self.fingerprint):
            await Alarms(self.client).raise_("token", self.integration, _sentence(self.integration, refusal), COMMAND)
        await tokens.refuse(self.integration, self.fingerprint, refusal.status, refusal.detail)


COMMAND = "vedette status"


def _sentence(integration: str, refusal: TokenRefusal) -> str:
    said = f" {refusal.detail}" if refusal.detail else ""
    return (
        f"Sentry refuses the token of integration {integration} ({refusal.status}{said}): its runs wait until workers "
        "are started with a token that works"
    )
