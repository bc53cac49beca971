"""Parses request headers, and encodes those that may be stored: neither secret nor hop-by-hop ones.

In Sentry, the owner of an integration can add `Authorization`, `X-*` and `anthropic-*` headers to every webhook. They
may contain the owner's secrets, so none of them is stored or logged.
"""

import string
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

SIGNATURE = b"sentry-hook-signature"
APP_SIGNATURE = b"sentry-app-signature"
SERVICE_HOOK_SIGNATURE = b"x-servicehook-signature"
RESOURCE = b"sentry-hook-resource"
TIMESTAMP = b"sentry-hook-timestamp"
SERVICE_HOOK_TIMESTAMP = b"x-servicehook-timestamp"
REQUEST_ID = b"request-id"
IDEMPOTENCY_KEY = b"idempotency-key"
CONTENT_LENGTH = b"content-length"

_SECRET = frozenset((b"authorization", b"proxy-authorization", b"cookie", SIGNATURE, APP_SIGNATURE))
_SECRET_PREFIXES = (b"x-", b"anthropic-")
_HOP_BY_HOP = frozenset(
    (
        b"accept",
        b"accept-encoding",
        b"connection",
        CONTENT_LENGTH,
        b"expect",
        b"keep-alive",
        b"te",
        b"transfer-encoding",
    )
)
"""Headers of the connection; they would be a tenth of a delivery's size in Redis."""
_LONGEST_VALUE = 1024
_LONGEST_KEY = 64
_KEY_CHARACTERS = (string.ascii_letters + string.digits + "_.:-").encode()

_NONE_RECORDED: Mapping[str, str] = MappingProxyType({})
_encode = msgspec.json.Encoder().encode
_NAMES: dict[bytes, str] = {}
"""A cache of header names: name -> text, empty for a name that is not stored."""
_MOST_NAMES = 1024
"""The size of the cache, since a sender can use any names."""


def is_secret(name: bytes) -> bool:
    """Return whether a header (lower-case name) may contain a secret."""
    return name in _SECRET or name.startswith(_SECRET_PREFIXES) or b"signature" in name


def encode_storable_headers(
    headers: Iterable[tuple[bytes, bytes]], recorded: Mapping[str, str] = _NONE_RECORDED
) -> str:
    """Return the headers that may be stored, as a JSON object; long values are cut at 1024 characters.

    Args:
        headers: Those of the request.
        recorded: Headers that the record has as fields of its own, which are left out here if they are the same.
    """
    kept: dict[str, str] = {}
    for name, value in headers:
        kept_name = _NAMES[name] if name in _NAMES else _storable_name(name)
        if kept_name:
            kept[kept_name] = (value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE]).decode("latin-1")
    for name, value in recorded.items():
        if kept.get(name) == value:
            del kept[name]
    return _encode(kept).decode()


def _storable_name(name: bytes) -> str:
    kept_name = "" if name in _HOP_BY_HOP or is_secret(name) else name.decode("latin-1")
    if len(_NAMES) < _MOST_NAMES:
        _NAMES[name] = kept_name
    return kept_name


def decode_header(value: bytes | None, longest: int = 200) -> str:
    """Return a header's value as printable ASCII text of bounded length; headers are unsigned and may be anything."""
    if not value:
        return ""
    text = value[:longest].decode("ascii", "ignore")
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


def parse_idempotency_key(value: bytes | None) -> str:
    """Return the `Idempotency-Key`; empty when it is missing or malformed (Sentry's has 32 hexadecimal digits)."""
    if not value or len(value) > _LONGEST_KEY or value.translate(None, _KEY_CHARACTERS):
        return ""
    return value.decode("ascii")
