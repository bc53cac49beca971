"""Stores one-time links for sign-in: each works once, within ten minutes."""

import json
from typing import Final

from vedette._core.json_values import json_object
from vedette.store.console.account import Account, read_account
from vedette.store.console.secret_text import fingerprint_of, new_secret
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import sign_in_link_key

LIFETIME: Final = 600
"""Seconds for which a link works."""


class SignInLinks:
    """The one-time links in Redis, by their fingerprints."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def create(self, account: Account) -> str:
        """Make a link for an account; return its secret, which is stored nowhere."""
        secret = new_secret()
        key = sign_in_link_key(fingerprint_of(secret))
        await self._client.set(key, json.dumps(account.to_facts()), px=LIFETIME * 1000)
        return secret

    async def exists(self, secret: str) -> bool:
        """Return whether a link works, without using it up."""
        return bool(await self._client.exists(sign_in_link_key(fingerprint_of(secret))))

    async def consume(self, secret: str) -> Account | None:
        """Use a link up; return its account, or None if it was used, is too old or was never made."""
        key = sign_in_link_key(fingerprint_of(secret))
        stored = await self._client.get(key)
        # Of two that read it, the one that removes it has used it.
        if stored is None or not await self._client.delete(key):
            return None
        try:
            return read_account(json_object(json.loads(stored)))
        except (ValueError, TypeError, RecursionError):
            return None
