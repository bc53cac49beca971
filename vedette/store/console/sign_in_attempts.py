"""Stores sign-ins that an identity provider is to answer: each is answered once, within ten minutes."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from vedette._core.json_values import json_object
from vedette.store.console.secret_text import fingerprint_of, new_secret
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import sign_in_attempt_key

_LIFETIME: Final = 600_000
"""Milliseconds."""


@dataclass(frozen=True)
class SignInAttempt:
    """One sign-in that has begun."""

    nonce: str
    """The value that the provider repeats in its signed answer."""
    verifier: str
    """The secret of PKCE, which the code is exchanged with."""
    path: str
    """The path to go to afterwards."""


class SignInAttempts:
    """The sign-ins in Redis, by the fingerprints of their states."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def begin(self, path: str) -> tuple[str, SignInAttempt]:
        """Begin a sign-in; return its state, which the provider repeats, and its record."""
        state, attempt = new_secret(), SignInAttempt(new_secret(), new_secret(), path)
        await self._client.set(sign_in_attempt_key(fingerprint_of(state)), json.dumps(asdict(attempt)), px=_LIFETIME)
        return state, attempt

    async def consume(self, state: str) -> SignInAttempt | None:
        """Return the sign-in of a state, once; None if it was answered, is too old or never began."""
        key = sign_in_attempt_key(fingerprint_of(state))
        stored = await self._client.get(key)
        if stored is None or not await self._client.delete(key):
            return None
        try:
            facts: dict[str, Any] = json_object(json.loads(stored))
            return SignInAttempt(str(facts["nonce"]), str(facts["verifier"]), str(facts["path"]))
        except (ValueError, KeyError, RecursionError):
            return None
