"""What is kept of a request's headers: everything but what is secret, and what concerns the connection alone.

Sentry lets an integration's owner add `Authorization`, `X-*` and `anthropic-*` headers to every webhook; they hold
secrets of the owner's, so none of them is stored or logged.
"""

import string
from collections.abc import Iterable

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
_OF_THE_WAY = frozenset(
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
"""Between a sender and the next server only; they would be a tenth of what a delivery takes in Redis."""
_LONGEST_VALUE = 1024
_LONGEST_KEY = 64
_OF_KEYS = (string.ascii_letters + string.digits + "_.:-").encode()

_encode = msgspec.json.Encoder().encode
_NAMES: dict[bytes, str] = {}
"""Names hardly vary, so each is judged once: name -> itself as text, empty where it is not to be kept."""
_MOST_NAMES = 1024
"""Anybody may invent names."""


def is_secret(name: bytes) -> bool:
    """Return whether a header (lower-case name) may hold a secret."""
    return name in _SECRET or name.startswith(_SECRET_PREFIXES) or b"signature" in name


def headers_to_keep(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the headers that may be stored, as a JSON object; long values are cut at 1024 characters."""
    kept: dict[str, str] = {}
    for name, value in headers:
        kept_name = _NAMES[name] if name in _NAMES else _name_to_keep(name)
        if kept_name:
            kept[kept_name] = (value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE]).decode("latin-1")
    return _encode(kept).decode()


def _name_to_keep(name: bytes) -> str:
    kept_name = "" if name in _OF_THE_WAY or is_secret(name) else name.decode("latin-1")
    if len(_NAMES) < _MOST_NAMES:
        _NAMES[name] = kept_name
    return kept_name


def text_of(value: bytes | None, longest: int = 200) -> str:
    """Return a header's value as printable ASCII text of bounded length; headers are unsigned, so anything may come."""
    if not value:
        return ""
    text = value[:longest].decode("ascii", "ignore")
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


def sent_key_of(value: bytes | None) -> str:
    """Return the `Idempotency-Key`; empty when there is none or it is not one (Sentry's has 32 hexadecimal digits)."""
    if not value or len(value) > _LONGEST_KEY or value.translate(None, _OF_KEYS):
        return ""
    return value.decode("ascii")
