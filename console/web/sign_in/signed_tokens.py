"""Checks signed tokens of identity providers and proxies with the keys that these publish."""

import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any, Final

import httpx2

from console.web.sign_in.claims import UnusableIdentityError
from vedette._core.json_values import json_object
from vedette._core.user_error import UserError

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a key pair; none with a shared secret, and never `none`."""
_KEPT: Final = 600.0
"""Seconds for which keys are kept."""
_RETRY: Final = 30.0
"""Seconds between two requests for the keys, where a token is signed with an unknown one."""
_LEEWAY: Final = 60
"""Seconds by which clocks may differ."""
_LARGEST: Final = 256 * 1024
_LONGEST_TOKEN: Final = 16 * 1024
_TIMEOUT: Final = 5.0


class NotInstalledError(UserError):
    """The packages that check signatures are missing."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__(
            "[console.oidc] and [console.proxy] need further packages: pip install 'vedette[oidc]', then start again"
        )


class ProviderUnreachableError(UserError):
    """An identity provider does not answer as it should."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(f"The identity provider does not answer at {url} ({problem}): try again, or ask an operator")


def require_packages() -> None:
    """Check that the packages of the extra `oidc` are installed.

    Raises:
        NotInstalledError: They are not.
    """
    if find_spec("joserfc") is None or find_spec("authlib") is None:
        raise NotInstalledError


async def fetch_json(url: str) -> dict[str, Any]:
    """Return the JSON object at an address of the settings, or of the provider that they name.

    Raises:
        ProviderUnreachableError: There is none.
    """
    try:
        async with httpx2.AsyncClient(timeout=_TIMEOUT, follow_redirects=False) as http:
            answer = await http.get(url)
            if not answer.is_success or len(answer.content) > _LARGEST:
                raise ProviderUnreachableError(url, f"status {answer.status_code}")
            return json_object(answer.json())
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise ProviderUnreachableError(url, type(error).__name__) from None


class SignedTokens:
    """The tokens of one issuer for one audience."""

    def __init__(self, jwks_url: str, issuer: str, audience: str, *, now: Callable[[], float] = time.monotonic) -> None:
        """Prepare; nothing is fetched yet.

        Args:
            jwks_url: The address of the keys.
            issuer: The issuer that tokens have to have.
            audience: The audience that they have to be for.
            now: The clock, in seconds.

        Raises:
            NotInstalledError: The extra `oidc` is not installed.
        """
        require_packages()
        self._jwks_url, self._issuer, self._audience, self._now = jwks_url, issuer, audience, now
        self._keys: Any = None
        self._fetched_at = -_KEPT

    async def check(self, token: str, *, nonce: str | None = None) -> Mapping[str, Any]:
        """Return the claims of a token, if its signature, issuer, audience and times are right.

        Args:
            token: The token.
            nonce: The nonce that it has to have.

        Raises:
            UnusableIdentityError: It is not right.
            ProviderUnreachableError: The keys cannot be fetched.
        """
        from joserfc import jwt  # noqa: PLC0415 - an extra
        from joserfc.errors import JoseError  # noqa: PLC0415 - the same

        if len(token) > _LONGEST_TOKEN:
            raise UnusableIdentityError("the token is too long")
        age = self._now() - self._fetched_at
        if self._keys is None or age > _KEPT:
            await self._fetch()
        try:
            decoded = self._decode(token)
        except (JoseError, ValueError):
            if self._now() - self._fetched_at < _RETRY:
                raise UnusableIdentityError("its signature is wrong") from None
            # The provider may have a new key.
            await self._fetch()
            try:
                decoded = self._decode(token)
            except (JoseError, ValueError):
                raise UnusableIdentityError("its signature is wrong") from None
        wanted: dict[str, Any] = {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._audience},
            "exp": {"essential": True},
            **({} if nonce is None else {"nonce": {"essential": True, "value": nonce}}),
        }
        try:
            jwt.JWTClaimsRegistry(leeway=_LEEWAY, **wanted).validate(decoded.claims)
        except JoseError as error:
            raise UnusableIdentityError(str(error)) from None
        return decoded.claims

    def _decode(self, token: str) -> Any:
        from joserfc import jwt  # noqa: PLC0415 - an extra

        return jwt.decode(token, self._keys, algorithms=list(ALGORITHMS))

    async def _fetch(self) -> None:
        from joserfc.errors import JoseError  # noqa: PLC0415 - an extra
        from joserfc.jwk import KeySet  # noqa: PLC0415 - the same

        found = await fetch_json(self._jwks_url)
        try:
            key_set: Any = KeySet.import_key_set({"keys": found.get("keys", [])})
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderUnreachableError(self._jwks_url, type(error).__name__) from None
        self._keys, self._fetched_at = key_set, self._now()
