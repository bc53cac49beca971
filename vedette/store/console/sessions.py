"""Stores the sessions of people who have signed in to the console, by fingerprint, so that each can be revoked."""

import json
import time
from dataclasses import dataclass
from typing import Any, Final

from vedette._core.json_values import json_object
from vedette.store.console.account import Account, read_account
from vedette.store.console.secret_text import fingerprint_of, new_secret, short_id
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import CONSOLE_SESSIONS, console_session_key

IDLE: Final = 12 * 3600
"""Seconds after its last use at which a session ends."""
ABSOLUTE: Final = 7 * 24 * 3600
"""Seconds after sign-in at which it ends in any case."""
_EXTEND_EVERY: Final = 60
"""Seconds between two notes of the use of a session by one process."""
_MOST_NOTED: Final = 1000
"""The number of sessions whose last use a process remembers."""


@dataclass(frozen=True)
class Session:
    """A person who has signed in, in one browser."""

    id: str
    """The beginning of its fingerprint."""
    account: Account
    way: str
    """How the person signed in: `link`, `oidc`, `sentry`, `proxy`."""
    created: int
    """Unix time in milliseconds, as is `expires`."""
    expires: int
    """The time at which it ends in any case."""


class Sessions:
    """The sessions in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._extended: dict[str, float] = {}

    async def create(self, account: Account, way: str) -> str:
        """Sign an account in; return the secret of the session, for the cookie."""
        secret = new_secret()
        digest = fingerprint_of(secret)
        now = round(await server_time(self._client) * 1000)
        expires = now + ABSOLUTE * 1000
        facts = {**account.to_facts(), "way": way, "created": now, "expires": expires}
        await self._client.zadd(CONSOLE_SESSIONS, {digest: expires})
        await self._client.set(console_session_key(digest), json.dumps(facts), px=IDLE * 1000)
        return secret

    async def get(self, secret: str) -> Session | None:
        """Return the session of a secret, and note its use; None if there is none, or it has ended."""
        digest = fingerprint_of(secret)
        found = _read(digest, await self._client.get(console_session_key(digest)))
        if found is None:
            return None
        # The clock of this process is enough here: the key's own expiry is the server's.
        left = found.expires - round(time.time() * 1000)
        if left <= 0:
            await self._remove(digest)
            return None
        await self._extend(digest, left)
        return found

    async def all(self) -> list[Session]:
        """Return the sessions that have not ended, the newest first."""
        listed = await self._client.zrange(CONSOLE_SESSIONS, 0, -1, withscores=True)
        found: list[Session] = []
        for member, _ in listed:
            digest = member.decode(errors="replace")
            session = _read(digest, await self._client.get(console_session_key(digest)))
            if session is None:
                await self._client.zrem(CONSOLE_SESSIONS, digest)
            else:
                found.append(session)
        return sorted(found, key=lambda session: -session.created)

    async def end(self, secret: str) -> None:
        """Sign out."""
        await self._remove(fingerprint_of(secret))

    async def revoke(self, identifier: str) -> Session | None:
        """End the session with this id; return it, or None if there is none."""
        for member, _ in await self._client.zrange(CONSOLE_SESSIONS, 0, -1, withscores=True):
            digest = member.decode(errors="replace")
            if short_id(digest) == identifier:
                session = _read(digest, await self._client.get(console_session_key(digest)))
                await self._remove(digest)
                return session
        return None

    async def _extend(self, digest: str, left: int) -> None:
        now = time.monotonic()
        if now - self._extended.get(digest, -_EXTEND_EVERY) < _EXTEND_EVERY:
            return
        if len(self._extended) >= _MOST_NOTED:
            self._extended.clear()
        self._extended[digest] = now
        # PEXPIRE has no effect on a session that was revoked in the meantime.
        await self._client.pexpire(console_session_key(digest), min(IDLE * 1000, left))

    async def _remove(self, digest: str) -> None:
        self._extended.pop(digest, None)
        await self._client.delete(console_session_key(digest))
        await self._client.zrem(CONSOLE_SESSIONS, digest)


def _read(digest: str, stored: bytes | None) -> Session | None:
    """Read a session; None if it was altered by hand, so that it signs no person in."""
    try:
        facts: dict[str, Any] = {} if stored is None else json_object(json.loads(stored))
    except (ValueError, TypeError, RecursionError):
        return None
    account, way, created, expires = read_account(facts), facts.get("way"), facts.get("created"), facts.get("expires")
    if account is None or not isinstance(way, str) or not isinstance(created, int) or not isinstance(expires, int):
        return None
    return Session(short_id(digest), account, way, created, expires)
