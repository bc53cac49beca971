"""Stores the tokens of programs that use the console's JSON API, by fingerprint, each with an account and an end."""

import hmac
import json
from dataclasses import dataclass
from typing import Any, Final

from vedette._core.json_values import json_object
from vedette.store.console.account import Account, read_account
from vedette.store.console.secret_text import fingerprint_of, new_secret, short_id
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import CONSOLE_TOKENS

PREFIX: Final = "vdtc_"
"""The beginning of each token, by which secret scanners find it."""
LONGEST_LIFETIME: Final = 366 * 24 * 3600
"""Seconds that a token may live at most."""


@dataclass(frozen=True)
class ApiToken:
    """A stored token, without its text."""

    id: str
    """The beginning of its fingerprint."""
    account: Account
    """The rights of the program; its name is `token NAME`."""
    by: str
    """The person who made it."""
    created: int
    """Unix time in milliseconds, as is `expires`."""
    expires: int


class ApiTokens:
    """The API tokens in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def create(self, account: Account, *, by: str, lifetime: float) -> tuple[str, ApiToken]:
        """Make a token; return its text, which is stored nowhere, and its record.

        Args:
            account: The rights of the program.
            by: The person who orders it.
            lifetime: Seconds after which it ends.

        Raises:
            ValueError: The lifetime is not positive, or longer than a year.
        """
        if not 0 < lifetime <= LONGEST_LIFETIME:
            raise ValueError("a token lives for at most 366 days")
        text = new_secret(PREFIX)
        digest = fingerprint_of(text)
        now = round(await server_time(self._client) * 1000)
        token = ApiToken(short_id(digest), account, by, now, now + round(lifetime * 1000))
        facts = {
            **account.to_facts(),
            "fingerprint": digest,
            "by": by,
            "created": now,
            "expires": token.expires,
        }
        await self._client.hset(CONSOLE_TOKENS, mapping={token.id: json.dumps(facts)})
        return text, token

    async def get(self, text: str) -> ApiToken | None:
        """Return the record of a token; None if it is unknown, has ended or was revoked."""
        if not text.startswith(PREFIX):
            return None
        digest = fingerprint_of(text)
        stored = await self._client.hget(CONSOLE_TOKENS, short_id(digest))
        facts = _facts(stored)
        token = _read(short_id(digest), facts)
        if token is None or not hmac.compare_digest(str(facts.get("fingerprint", "")), digest):
            return None
        return token if token.expires > await server_time(self._client) * 1000 else None

    async def all(self) -> list[ApiToken]:
        """Return all tokens, the newest first; records that cannot be read are left out."""
        stored = await self._client.hgetall(CONSOLE_TOKENS)
        found = [_read(name.decode(errors="replace"), _facts(text)) for name, text in stored.items()]
        return sorted((token for token in found if token is not None), key=lambda token: -token.created)

    async def revoke(self, identifier: str) -> bool:
        """Remove a token; return whether there was one."""
        return bool(await self._client.hdel(CONSOLE_TOKENS, identifier))


def _facts(stored: bytes | None) -> dict[str, Any]:
    try:
        return {} if stored is None else json_object(json.loads(stored))
    except (ValueError, TypeError, RecursionError):
        return {}


def _read(identifier: str, facts: dict[str, Any]) -> ApiToken | None:
    account, created, expires = read_account(facts), facts.get("created"), facts.get("expires")
    if account is None or not isinstance(created, int) or not isinstance(expires, int):
        return None
    return ApiToken(identifier, account, str(facts.get("by", "")), created, expires)
