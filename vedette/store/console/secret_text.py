"""Makes the secrets of sign-in, and the fingerprints that are stored in their place."""

import hashlib
import secrets
from typing import Final

_BYTES: Final = 32
_ID: Final = 12
_LONGEST: Final = 128


def new_secret(prefix: str = "") -> str:
    """Return a new secret of 256 random bits, as text that fits into a URL."""
    return f"{prefix}{secrets.token_urlsafe(_BYTES)}"


def fingerprint_of(secret: str) -> str:
    """Return the SHA-256 of a secret; a slow hash protects no better, as none can be guessed.

    A text that is too long to be a secret has the fingerprint of none.
    """
    return "" if len(secret) > _LONGEST else hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def short_id(fingerprint: str) -> str:
    """Return the id by which people name the secret with this fingerprint."""
    return fingerprint[:_ID]
