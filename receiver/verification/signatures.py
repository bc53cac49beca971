"""Whether a body comes from Sentry: HMAC-SHA256 over the raw bytes, against each live secret.

Nothing is parsed before this says yes, and the body that is checked is the one that came: re-serialised JSON differs
wherever it holds floats, large integers or foreign text.
"""

import hmac
from collections.abc import Iterable

_SIGNATURE_LENGTH = 64


class Keyring:
    """The secrets that open one door, several while one rotates.

    Each goes by its place in the setting, from 1: a name made of the secret, however short, would let whoever sees it
    try guesses without asking the receiver.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._keys = tuple((secret.encode(), str(place)) for place, secret in enumerate(secrets, 1))

    def match(self, body: bytes, signature: bytes | None) -> str | None:
        """Return the place of the secret that signed `body`, or None when none of them did.

        Args:
            body: The raw bytes, as they came.
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
