"""Stores the tokens that Sentry refuses, by integration and fingerprint, and releases the runs that wait for them.

The record is one per token and not per integration: while workers are restarted with a new token, some still hold the
old one. A worker is only held up by the refusal of its own.
"""

from collections.abc import Mapping

import msgspec

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import PREFIX, REFUSED_TOKENS, token_waiters_key
from vedette.store.server.scripts import run_script, script

FIRST_WAIT = 5.0
"""Seconds until a refused token is tried again; the wait doubles."""
LONGEST_WAIT = 300.0
_BATCH = 200
_FIRST, _LONGEST = round(FIRST_WAIT * 1000), round(LONGEST_WAIT * 1000)


class RefusedToken(msgspec.Struct, frozen=True):
    """The refusal of one token."""

    since: int
    """Unix time in milliseconds, as are the others."""
    seen: int
    """When a worker met the refusal last."""
    probe_at: int
    """When it is tried again."""
    status: int = 401
    detail: str = ""
    """Sentry's sentence, such as `Invalid token`."""
    failures: int = 0
    """How often it was tried again."""
    replaced: bool = False
    """True once another token of the integration works: then only workers that still hold this one are held up."""


class RefusedTokens:
    """The refusals in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._refuse = client.register_script(script("access/refuse_token"))
        self._claim = client.register_script(script("access/claim_token_probe"))
        self._accept = client.register_script(script("access/accept_token"))
        self._release = client.register_script(run_script("runs/release_token_waiters"))

    async def refuse(self, integration: str, fingerprint: str, status: int, detail: str) -> bool:
        """Record a refusal; return whether it is new."""
        arguments = [_field(integration, fingerprint), status, detail, _FIRST]
        return bool(await self._refuse(keys=[REFUSED_TOKENS], args=arguments))

    async def is_refused(self, integration: str, fingerprint: str) -> bool:
        """Return whether a refusal is recorded."""
        return await self._client.hget(REFUSED_TOKENS, _field(integration, fingerprint)) is not None

    async def accept(self, integration: str, fingerprint: str) -> bool:
        """Record that a token works; return whether a refusal ended with that."""
        return bool(await self._accept(keys=[REFUSED_TOKENS], args=[integration, fingerprint]))

    async def claim_probe(self, integration: str, fingerprint: str) -> bool:
        """Return whether the caller is the one worker that is to try the token now."""
        arguments = [_field(integration, fingerprint), _FIRST, _LONGEST]
        return bool(await self._claim(keys=[REFUSED_TOKENS], args=arguments))

    async def all(self) -> Mapping[tuple[str, str], RefusedToken]:
        """Return the refusals by integration and fingerprint."""
        return read_refusals(await self._client.hgetall(REFUSED_TOKENS))

    async def forget(self, integration: str, fingerprint: str) -> None:
        """Remove the refusal of a token that no worker holds any more."""
        await self._client.hdel(REFUSED_TOKENS, _field(integration, fingerprint))

    async def waiting(self, integration: str) -> int:
        """Return how many runs wait for the integration's token."""
        return int(await self._client.zcard(token_waiters_key(integration)))

    async def release(self, integration: str, fingerprint: str = "") -> int:
        """Queue the runs that wait, in the order of their deliveries; return their number.

        Args:
            integration: The integration.
            fingerprint: The token that works; empty where no worker has the integration any more.
        """
        released = 0
        while taken := int(await self._release(keys=[PREFIX], args=[integration, fingerprint, _BATCH])):
            released += taken
        return released


def read_refusals(fields: Mapping[bytes, bytes]) -> Mapping[tuple[str, str], RefusedToken]:
    """Return the refusals of the stored hash, by integration and fingerprint."""
    found: dict[tuple[str, str], RefusedToken] = {}
    for name, text in fields.items():
        integration, _, fingerprint = name.decode(errors="replace").rpartition(" ")
        try:
            found[integration, fingerprint] = msgspec.json.decode(text, type=RefusedToken)
        except msgspec.MsgspecError:
            # Altered by hand: runs wait while it is there, so that it is tried again at once.
            found[integration, fingerprint] = RefusedToken(0, 0, 0)
    return found


def _field(integration: str, fingerprint: str) -> str:
    return f"{integration} {fingerprint}"
