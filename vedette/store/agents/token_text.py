"""Defines the form of agents' tokens: `vdta_NAME_SECRET_CHECKSUM`.

The prefix and the checksum let secret scanners find leaked tokens and rule out other texts; see
https://github.blog/engineering/behind-githubs-new-authentication-token-formats/ for the idea.
"""

import hashlib
import re
import secrets
import zlib
from typing import Final

PREFIX: Final = "vdta"
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET: Final = 43
"""Digits in base 62 that 32 random bytes need."""
_CHECKSUM: Final = 6
_FORM: Final = re.compile(rf"{PREFIX}_([A-Za-z0-9][A-Za-z0-9._\-]{{0,39}})_([0-9A-Za-z]{{43}})_([0-9A-Za-z]{{6}})")
_ID: Final = 12


def new_token(agent: str) -> str:
    """Return a new token of an agent, with 256 random bits."""
    body = f"{PREFIX}_{agent}_{_base62(secrets.randbits(256), _SECRET)}"
    return f"{body}_{_checksum(body)}"


def is_token(text: str) -> bool:
    """Return whether a text has the form of a token, with the right checksum; it may still be unknown."""
    found = _FORM.fullmatch(text)
    return found is not None and _checksum(text[: -_CHECKSUM - 1]) == found[3]


def fingerprint(token: str) -> str:
    """Return the SHA-256 of a token in hexadecimal digits; a slow hash protects no better, as none can be guessed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def token_id(digest: str) -> str:
    """Return the id of the token with this fingerprint, by which people name it."""
    return digest[:_ID]


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM)


def _base62(number: int, width: int) -> str:
    digits: list[str] = []
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
