"""Whether a body comes from Sentry: HMAC-SHA256 over the raw bytes, against each live secret.

Nothing is parsed before this says yes, and the body that is checked is the one that came: re-serialised JSON differs
wherever it holds floats, large integers or foreign text.
"""

import hashlib
import hmac
from collections.abc import Iterable

_FINGERPRINT_LENGTH = 8
_SIGNATURE_LENGTH = 64


def fingerprint_of(secret: str) -> str:
    """Return a short name for a secret that tells secrets apart and gives nothing away."""
    return hashlib.sha256(secret.encode()).hexdigest()[:_FINGERPRINT_LENGTH]


class Keyring:
    """The secrets that open one door, several while one rotates."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._keys = tuple((secret.encode(), fingerprint_of(secret)) for secret in secrets)

    def match(self, body: bytes, signature: bytes | None) -> str | None:
        """Return the fingerprint of the secret that signed `body`, or None when none of them did.

        Args:
            body: The raw bytes, as they came.
            signature: The header's value: 64 lower-case hexadecimal digits, without a prefix.
        """
        if signature is None or len(signature) != _SIGNATURE_LENGTH:
            return None
        for key, fingerprint in self._keys:
            if hmac.compare_digest(hmac.digest(key, body, "sha256").hex().encode(), signature):
                return fingerprint
        return None

    def __bool__(self) -> bool:
        return bool(self._keys)

    def __repr__(self) -> str:
        return f"<Keyring of {len(self._keys)}>"
