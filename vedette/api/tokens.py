"""The credential that the client sends to Sentry, and its kind.

Only this module knows the secret's text: everywhere else the credential is an object that prints as its kind.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from vedette._core.json_values import json_object
from vedette._core.secret_masking import Masker
from vedette._core.user_error import UserError
from vedette.api.operations import TokenKind

_PREFIXES = {
    "sntryi_": TokenKind.INTEGRATION,
    "sntryu_": TokenKind.USER,
    "sntrya_": TokenKind.APP,
    "sntrys_": TokenKind.ORGANIZATION,
}


class UnusableTokenError(UserError, ValueError):
    """The credential cannot work; the text says why and which to use. It never holds the credential."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Credential:
    """A token or DSN together with its kind. Its text is in `authorization()` and nowhere else."""

    kind: TokenKind
    secret: SecretStr = field(repr=False)

    def authorization(self) -> str:
        """Return the value of the Authorization header."""
        scheme = "DSN" if self.kind is TokenKind.DSN else "Bearer"
        return f"{scheme} {self.secret.get_secret_value()}"

    def redact(self, content: bytes) -> bytes:
        """Return the content without the credential, in case a proxy or a debug page echoed it."""
        return content.replace(self.secret.get_secret_value().encode(), b"[redacted]")

    def masker(self) -> Masker:
        """Return a masker that removes the credential from texts, in every form that repeats it."""
        return Masker([self.secret.get_secret_value()])

    @property
    def fingerprint(self) -> str:
        """A value by which processes recognise the same credential, and from which it cannot be derived."""
        return hashlib.sha256(b"vedette token " + self.secret.get_secret_value().encode()).hexdigest()[:16]

    @property
    def claims(self) -> dict[str, Any]:
        """The claims in an organization token: `url`, `region_url`, `org`. Empty for other kinds."""
        if self.kind is not TokenKind.ORGANIZATION:
            return {}
        encoded = self.secret.get_secret_value().removeprefix("sntrys_").rpartition("_")[0]
        try:
            claims: object = json.loads(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))
        except (binascii.Error, ValueError):
            return {}
        return json_object(claims)

    @property
    def region_url(self) -> str | None:
        """The region that an organization token names."""
        url = self.claims.get("region_url")
        return url if isinstance(url, str) and url else None


def credential(token: str | SecretStr) -> Credential:
    """Read a token, or a DSN, and recognise its kind.

    Tokens from before prefixes are still valid and of unknown kind; no length is assumed.

    Raises:
        UnusableTokenError: it is empty, has blanks inside, or is a legacy API key for Basic authentication.
    """
    text = (token.get_secret_value() if isinstance(token, SecretStr) else token).strip()
    if text.lower().startswith("bearer "):
        text = text[len("bearer ") :].strip()
    _refuse_unusable(text)
    if text.startswith(("https://", "http://")):
        return Credential(TokenKind.DSN, SecretStr(text))
    kind = next((kind for prefix, kind in _PREFIXES.items() if text.startswith(prefix)), TokenKind.UNKNOWN)
    return Credential(kind, SecretStr(text))


def _refuse_unusable(text: str) -> None:
    if not text:
        raise UnusableTokenError(
            "The Sentry token is empty. Copy it from Settings > Custom Integrations > your integration > Tokens."
        )
    if text.lower().startswith("basic ") or text.endswith(":"):
        raise UnusableTokenError(
            "Basic authentication with a legacy API key is deprecated by Sentry and not supported. "
            "Make an internal integration (Settings > Custom Integrations) and use its token."
        )
    if any(character.isspace() or not character.isprintable() for character in text) or not text.isascii():
        raise UnusableTokenError(
            "The Sentry token has blanks or unprintable characters inside. Copy it again, as one word."
        )
