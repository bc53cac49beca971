"""What is kept of a request's headers: everything but what is secret.

Sentry lets an integration's owner add `Authorization`, `X-*` and `anthropic-*` headers to every webhook; they hold
secrets of the owner's, so none of them is stored or logged.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

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
_LONGEST_VALUE = 1024
_KEY = re.compile(rb"[A-Za-z0-9_.:-]{1,64}")

_encoder = msgspec.json.Encoder()


def is_secret(name: bytes) -> bool:
    """Return whether a header (lower-case name) may hold a secret."""
    return name in _SECRET or name.startswith(_SECRET_PREFIXES) or b"signature" in name


@lru_cache(maxsize=1024)
def _name_to_keep(name: bytes) -> str | None:
    # Names hardly vary, so each is judged once; the cache is bounded, since anybody may invent names.
    return None if is_secret(name) else name.decode("latin-1")


def headers_to_keep(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the headers that may be stored, as a JSON object; long values are cut at 1024 characters."""
    kept = {
        kept_name: value[:_LONGEST_VALUE].decode("latin-1")
        for name, value in headers
        if (kept_name := _name_to_keep(name)) is not None
    }
    return _encoder.encode(kept).decode()


def text_of(value: bytes | None, longest: int = 200) -> str:
    """Return a header's value as printable ASCII text of bounded length; headers are unsigned, so anything may come."""
    if not value:
        return ""
    text = value[:longest].decode("ascii", "ignore")
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


def sent_key_of(value: bytes | None) -> str:
    """Return the `Idempotency-Key`; empty when there is none or it is not one (Sentry's has 32 hexadecimal digits)."""
    return value.decode("ascii") if value is not None and _KEY.fullmatch(value) else ""
