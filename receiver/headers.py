"""What is kept of a request's headers: everything but what is secret.

Sentry lets an integration's owner add `Authorization`, `X-*` and `anthropic-*` headers to every webhook; they hold
secrets of the owner's, so none of them is stored or logged.
"""

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
_LONGEST_VALUE = 1024

_encoder = msgspec.json.Encoder()


def is_secret(name: bytes) -> bool:
    """Return whether a header (lower-case name) may hold a secret."""
    return name in _SECRET or name.startswith(_SECRET_PREFIXES) or b"signature" in name


def headers_to_keep(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the headers that may be stored, as a JSON object; long values are cut at 1024 characters."""
    kept = {
        name.decode("latin-1"): value[:_LONGEST_VALUE].decode("latin-1")
        for name, value in headers
        if not is_secret(name)
    }
    return _encoder.encode(kept)


def text_of(value: bytes | None, longest: int = 200) -> str:
    """Return a header's value as printable ASCII text of bounded length; headers are unsigned, so anything may come."""
    if not value:
        return ""
    return "".join(chr(code) for code in value[:longest] if 0x20 <= code < 0x7F)  # noqa: PLR2004 - printable ASCII
