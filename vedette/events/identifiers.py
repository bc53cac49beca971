"""Ids as Sentry writes them and as keys need them: text, and never too long."""

import json
from binascii import b2a_base64
from hashlib import blake2b

_LONGEST = 128


def identifier(value: object) -> str | None:
    """An id as text. Sentry sends the same id as text in one webhook and as an integer in another.

    Returns:
        None for everything that cannot be an id: null, empty text, booleans, fractions, objects.
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return str(value)
        except ValueError:  # Python refuses to print integers of more than 4300 digits
            return None
    return None


def digest(value: object) -> str:
    """A short fingerprint of any JSON value, the same for every order of keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode("ascii"), digest_size=12).hexdigest()


def fingerprint(*parts: str) -> str:
    """Return 22 characters that stand for these texts in a Redis key; texts that differ never share them."""
    content = b"\0".join(part.encode() for part in parts)
    return b2a_base64(blake2b(content, digest_size=16).digest(), newline=False)[:22].decode("ascii")


def key_id(*candidates: object) -> str | None:
    """The first usable id, cut to a fingerprint when no real id would be that long: it becomes part of a Redis key."""
    for candidate in candidates:
        text = identifier(candidate)
        if text is not None:
            return text if len(text) <= _LONGEST else digest(text)
    return None
