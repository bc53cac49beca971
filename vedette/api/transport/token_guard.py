"""Distinguishes a token that Sentry refuses from a call that it refuses, and sends no call with a refused token.

A 401 alone proves nothing: some endpoints answer it to valid tokens. A 403 is a missing scope as a rule, and the answer
to every call of an integration that was disabled. `GET /api/0/` decides: it needs no scope, and answers 401 to a token
that was revoked or has expired.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from vedette._core.json_values import json_object
from vedette.api.call import Answer, Call, Lane, Transport
from vedette.api.errors import Detail, Forbidden, NotAuthorized, SentryError, TokenRefused, WrongToken
from vedette.api.operations import OPERATIONS

TokenVerdict = Literal["works", "refused"]
_EACH: Final = 1.0
"""Seconds between two checks, so that calls that are refused for another reason are not doubled."""


@dataclass(frozen=True, slots=True)
class TokenRefusal:
    """The answer by which Sentry refused a token."""

    status: int
    detail: str


@dataclass
class TokenGuard:
    """A layer in front of all others of a connection."""

    inner: Transport
    on_refused: Callable[[TokenRefusal], Awaitable[None]]
    """Called when Sentry refuses the token for the first time; it must not raise."""
    refusal: TokenRefusal | None = None
    """The refusal in force; None while the token works as far as is known."""
    _checking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _checked: float = float("-inf")
    """When the last check began."""

    async def send(self, call: Call) -> Answer:
        """Answer the call.

        Raises:
            TokenRefused: Sentry refuses the token, just now or since an earlier call.
            SentryError: Any other failure.
        """
        if self.refusal is not None:
            raise _refused(call, self.refusal, sent=False)
        try:
            return await self.inner.send(call)
        except (NotAuthorized, Forbidden) as error:
            if not _may_be_token(error) or await self._confirm(error) == "works":
                raise
            refusal = self.refusal or _refusal_of(error)
            raise _refused(call, refusal, sent=True) from error

    async def probe(self) -> TokenVerdict:
        """Ask Sentry about the token, whatever is known of it, and take the answer as the truth.

        Raises:
            SentryError: Sentry gave no answer, or none about the token.
        """
        self._checked = time.monotonic()
        call = Call(OPERATIONS["auth.whoami"], lane=Lane.PERSON)
        try:
            answer = await self.inner.send(call)
        except (NotAuthorized, Forbidden) as error:
            await self._refuse(_refusal_of(error))
            return "refused"
        said = json_object(answer.body)
        if "auth" in said and said["auth"] is None and said.get("user") is None:
            # As without a token: a proxy takes the header away.
            await self._refuse(TokenRefusal(answer.status, "Sentry does not see the token"))
            return "refused"
        self.refusal = None
        return "works"

    async def _confirm(self, error: SentryError) -> TokenVerdict:
        """Check the token, once for all calls that failed before the check began.

        Raises:
            SentryError: Sentry cannot say for now.
        """
        failed = time.monotonic()
        async with self._checking:
            if self.refusal is not None:
                return "refused"
            if self._checked > failed:
                return "works"
            await asyncio.sleep(max(0.0, self._checked + _EACH - time.monotonic()))
            try:
                return await self.probe()
            except SentryError as unclear:
                if not unclear.retryable:
                    return "works"
                raise unclear from error

    async def _refuse(self, refusal: TokenRefusal) -> None:
        is_new, self.refusal = self.refusal is None, refusal
        if is_new:
            await self.on_refused(refusal)


def _may_be_token(error: SentryError) -> bool:
    """Return whether a refusal can be about the token itself and not about the call."""
    if isinstance(error, WrongToken):
        return False
    return not (isinstance(error, Forbidden) and error.names_scope)


def _refusal_of(error: SentryError) -> TokenRefusal:
    return TokenRefusal(error.status or 0, error.detail.text)


def _refused(call: Call, refusal: TokenRefusal, *, sent: bool) -> TokenRefused:
    return TokenRefused(call, sent=sent, status=refusal.status, detail=Detail(refusal.detail))
