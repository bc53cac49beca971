"""The scopes that a token really holds, asked of Sentry now and then and shared by all processes."""

import json
import time

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
_QUIET = 30.0
"""Seconds for which Sentry is not asked again after it did not say."""


class TokenScopes:
    """The scopes of one integration's token."""

    def __init__(self, client: RedisClient, integration: str, transport: Transport) -> None:
        self._client = client
        self._key = token_key(integration)
        self._transport = transport
        self._quiet_until = 0.0

    async def get(self) -> frozenset[str] | None:
        """Return the scopes with those they include; None where Sentry does not say, so that it decides itself."""
        known = await known_scopes(self._client, self._key)
        if known is not None:
            return known
        if time.monotonic() < self._quiet_until:
            return None
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
