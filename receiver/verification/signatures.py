"""Verifies signatures: HMAC-SHA256 over the raw bytes of a body, with each current secret.

No body is parsed before it is verified, and the received bytes are verified, since serializing parsed JSON again
changes floats, large integers and non-ASCII text.
"""

import hmac
from collections.abc import Iterable

_SIGNATURE_LENGTH = 64


class Keyring:
    """The secrets of one delivery source; several while a secret is rotated.

    Each is named by its position in the setting, from 1: a name derived from the secret, however short, would allow
    offline guesses.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._keys = tuple((secret.encode(), str(place)) for place, secret in enumerate(secrets, 1))

    def match(self, body: bytes, signature: bytes | None) -> str | None:
        """Return the name of the secret that signed `body`, or None.

        Args:
            body: The received bytes.
            signature: The header's value: 64 lower-case hexadecimal digits, without a prefix.
        """
        if signature is None or len(signature) != _SIGNATURE_LENGTH:
            return None
        for key, place in self._keys:
            if hmac.compare_digest(hmac.digest(key, body, "sha256").hex().encode(), signature):
                return place
        return None

    def __bool__(self) -> bool:
        return bool(self._keys)

    def __repr__(self) -> str:
        return f"<Keyring of {len(self._keys)}>"
