"""Normalizes ids of Sentry for keys: to text of a bounded length."""

import json
from hashlib import blake2b

_LONGEST = 128
# Made once: `json.dumps` makes one for each call.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def identifier(value: object) -> str | None:
    """Return an id as text. Sentry sends the same id as text in one webhook and as an integer in another.

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
    """Return a short fingerprint of any JSON value, the same for every order of keys."""
    text = _canonical(value)
    return blake2b(text.encode("ascii"), digest_size=12).hexdigest()


def digest_of_id(found: str | None) -> str:
    """Return `digest([found])`, quicker for an id of letters and digits."""
    if found is not None and found.isalnum() and found.isascii():
        return blake2b(b'["%b"]' % found.encode(), digest_size=12).hexdigest()
    return digest([found])


def key_id(*candidates: object) -> str | None:
    """Return the first usable id; one longer than any real id becomes a fingerprint, since Redis keys hold it."""
    for candidate in candidates:
        text = identifier(candidate)
        if text is not None:
            return text if len(text) <= _LONGEST else digest(text)
    return None
