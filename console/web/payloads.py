"""Shows bodies of deliveries as text, whatever they hold and however large they are."""

import json
from dataclasses import dataclass
from typing import Any, Final

_SHOWN: Final = 128 * 1024
"""Characters of a body that a page shows."""
_LAID_OUT: Final = 512 * 1024
"""Bytes up to which a body is laid out as JSON."""


@dataclass(frozen=True)
class ShownBody:
    """A body as a page shows it."""

    text: str
    size: int
    """Bytes of the whole."""
    is_cropped: bool


def show_body(body: bytes) -> ShownBody:
    """Return a body as text: laid out if it is JSON, cropped if it is large."""
    text = _laid_out(body) if len(body) <= _LAID_OUT else body[: 4 * _SHOWN].decode("utf-8", "replace")
    return ShownBody(text[:_SHOWN], len(body), len(text) > _SHOWN or len(body) > _LAID_OUT)


def _laid_out(body: bytes) -> str:
    try:
        found: Any = json.loads(body)
        return json.dumps(found, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
