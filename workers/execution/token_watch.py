"""Watches the tokens that Sentry refuses: tries them again, and lets the runs go on that wait for one.

A worker is held up by the refusal of its own token only. Of the workers with a refused token one tries it again, with
backoff. A worker that starts with another token tries that at once.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from vedette.access.token_breaker import TokenBreaker
from vedette.api.errors import SentryError
from vedette.api.transport.token_guard import TokenGuard, TokenRefusal
from vedette.store.access.refused_tokens import RefusedToken, RefusedTokens
from vedette.store.server.clock import server_time
from vedette.store.server.retrying import REDIS_ERRORS
from workers.runtime import Runtime

EACH = 1.0
"""Seconds between two looks."""
_UNUSED = 3_600_000
"""Milliseconds after which the refusal of a token that no worker has tried again is forgotten."""

Refusals = Mapping[tuple[str, str], RefusedToken]


@dataclass
class TokenWatch:
    """The watch of one worker process over the tokens of its integrations."""

    runtime: Runtime
    each: float = EACH
    _proven: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Refusals of other tokens after which this worker's own was tried, and works."""
    _looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look, at once."""
        self._looking = asyncio.create_task(self._look_for_ever(), name="refused tokens")

    async def stop(self) -> None:
        """End looking."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def look(self) -> None:
        """Look at all integrations once.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        tokens = RefusedTokens(self.runtime.client)
        refusals = await tokens.all()
        for connection in list(self.runtime.clients.connections.values()):
            breaker, guard = connection.breaker, connection.transport.guard
            if breaker is not None and guard is not None:
                await self._look_at(breaker, guard, refusals)
        await self._forget_unused(tokens, refusals)

    async def _look_at(self, breaker: TokenBreaker, guard: TokenGuard, refusals: Refusals) -> None:
        name, own = breaker.integration, refusals.get((breaker.integration, breaker.fingerprint))
        if guard.refusal is not None and not breaker.is_recorded:
            await breaker.open(guard.refusal)
            return
        if own is not None:
            guard.refusal = TokenRefusal(own.status, own.detail)
            if not await RefusedTokens(self.runtime.client).claim_probe(name, breaker.fingerprint):
                return
            if not await self._works(guard):
                return
            await breaker.close()
        elif guard.refusal is not None:
            # Another worker with the same token has found that it works.
            guard.refusal = None
        await self._take_over(breaker, guard, refusals)
        released = await RefusedTokens(self.runtime.client).release(name, breaker.fingerprint)
        if released:
            structlog.get_logger().info("runs that waited for the token are queued", integration=name, runs=released)

    async def _take_over(self, breaker: TokenBreaker, guard: TokenGuard, refusals: Refusals) -> None:
        """Try this worker's own token, if Sentry refuses another one of the integration."""
        others = {
            key
            for key, token in refusals.items()
            if key[0] == breaker.integration and key[1] != breaker.fingerprint and not token.replaced
        }
        if others <= self._proven:
            return
        if await self._works(guard):
            self._proven |= others
            await breaker.close()

    async def _works(self, guard: TokenGuard) -> bool:
        try:
            return await guard.probe() == "works"
        except SentryError as error:
            structlog.get_logger().warning("the token could not be tried", problem=str(error))
            return False

    async def _forget_unused(self, tokens: RefusedTokens, refusals: Refusals) -> None:
        """Forget refusals that no worker meets any more; runs of an integration that is no longer configured go on."""
        if not refusals:
            return
        now = await server_time(self.runtime.client) * 1000
        known = self.runtime.clients.connections
        for (integration, fingerprint), token in refusals.items():
            connection = known.get(integration)
            is_own = connection is not None and connection.transport.fingerprint == fingerprint
            if is_own or now - token.seen < _UNUSED:
                continue
            await tokens.forget(integration, fingerprint)
            if connection is None:
                await tokens.release(integration)

    async def _look_for_ever(self) -> None:
        while True:
            try:
                await self.look()
            except REDIS_ERRORS as error:
                structlog.get_logger().debug("refused tokens are looked after later", problem=str(error))
            except Exception:  # noqa: BLE001 - this task has to survive whatever Redis and Sentry answer
                structlog.get_logger().exception("refused tokens could not be looked after")
            await asyncio.sleep(self.each)
