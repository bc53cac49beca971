"""The scopes that a token really holds, asked of Sentry now and then and shared by all processes.

A process asks once for all calls that need them meanwhile: without that, each of 64 runs asks Sentry when the shared
value expires. Workers also remember them for some seconds. The gateway does not, so that agents read nothing while
Redis is away and their reads cannot be recorded.
"""

import asyncio
import json
import time
from typing import Final

from vedette.api import OPERATIONS, Call, Transport
from vedette.api.errors import SentryError
from vedette.api.models import Identity
from vedette.api.resources._caller import validated
from vedette.api.response_parsing import as_object
from vedette.api.scopes import expand
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import token_key

_KEPT = 300_000
"""Milliseconds: for so long a change of the integration's permissions may go unnoticed."""
REMEMBERED: Final = 5.0
"""Seconds for which a worker does not read the shared value again."""
_QUIET = 30.0
"""Seconds for which Sentry is not asked again after it did not say."""


class TokenScopes:
    """The scopes of one integration's token."""

    def __init__(
        self, client: RedisClient, integration: str, transport: Transport, *, remembered_for: float = 0.0
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            client: Redis.
            integration: The name of the integration.
            transport: Its connection to Sentry.
            remembered_for: Seconds for which this process does not read the shared value again.
        """
        self._client = client
        self._remembered_for = remembered_for
        self._key = token_key(integration)
        self._transport = transport
        self._quiet_until = 0.0
        self._remembered: frozenset[str] | None = None
        self._remembered_until = 0.0
        self._finding: asyncio.Task[frozenset[str] | None] | None = None

    async def get(self) -> frozenset[str] | None:
        """Return the scopes with those they include; None where Sentry does not say, so that it decides itself.

        Raises:
            redis.exceptions.RedisError: The shared value cannot be read.
        """
        if self._remembered is not None and time.monotonic() < self._remembered_until:
            return self._remembered
        if self._finding is None or self._finding.done():
            self._finding = asyncio.get_running_loop().create_task(self._find(), name="scopes of a token")
        # A call that is cancelled does not end what the others wait for.
        return await asyncio.shield(self._finding)

    async def _find(self) -> frozenset[str] | None:
        found = await known_scopes(self._client, self._key)
        if found is None and time.monotonic() >= self._quiet_until:
            found = await self._ask()
        if found is not None:
            self._remembered, self._remembered_until = found, time.monotonic() + self._remembered_for
        return found

    async def _ask(self) -> frozenset[str] | None:
        call = Call(OPERATIONS["auth.whoami"])
        try:
            answer = await self._transport.send(call)
            identity = validated(Identity, as_object(call, answer), call, answer)
        except SentryError:
            # Not to be asked before every call while Sentry is away.
            self._quiet_until = time.monotonic() + _QUIET
            return None
        if not identity.scopes:
            return None
        await self._client.set(self._key, json.dumps(sorted(identity.scopes)), px=_KEPT)
        return expand(identity.scopes)


async def known_scopes(client: RedisClient, key: str) -> frozenset[str] | None:
    """Return the scopes that some process has asked for lately, or None."""
    text = await client.get(key)
    return None if text is None else expand(json.loads(text))
