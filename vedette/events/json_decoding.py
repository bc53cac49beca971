"""Decodes bytes to a JSON object, tolerating any input.

Everything that arrives is decoded in one place, so that no model, key or log line ever meets what JSON parsers disagree
about: text that is not valid Unicode, nesting that exhausts the stack, integers that cannot be printed.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from vedette._core.json_values import json_list, json_object
from vedette.events.errors import InvalidPayload

# The limit of the fast parser; the careful one must not let more through.
_DEEPEST = 200


def decode(resource: str, body: bytes | str | Mapping[str, object]) -> dict[str, Any]:
    """Decode a body into a JSON object of our own, which shares nothing with the caller's.

    A repeated key counts with its last value. Half a surrogate pair becomes U+FFFD, since no text with one in it can be
    stored or sent on.

    Args:
        resource: the resource claimed for the body, for the error.
        body: raw bytes, text, or an already decoded object.

    Raises:
        InvalidPayload: not JSON, not an object, nested deeper than 200 levels, or with integers beyond 4300 digits.
    """
    try:
        text = body if isinstance(body, bytes | str) else json.dumps(dict(body))
        value = _parse(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidPayload(resource, f"the body is not readable JSON ({type(error).__name__})") from None
    if not isinstance(value, dict):
        raise InvalidPayload(resource, f"the body is JSON, but a {type(value).__name__} instead of an object")
    return json_object(value)


def _parse(text: bytes | str) -> object:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    try:
        return from_json(raw)
    except ValueError:
        # The fast parser refuses lone surrogates, which Python senders can produce; the standard one reads them.
        if isinstance(text, bytes) and b"\\u" not in raw:
            raise
        return _mend(json.loads(text), _DEEPEST)


def _mend(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict | list) and depth == 0:
        raise RecursionError
    if isinstance(value, list):
        return [_mend(item, depth - 1) for item in json_list(value)]
    if isinstance(value, dict):
        return {_mend(key, depth): _mend(item, depth - 1) for key, item in json_object(value).items()}
    return value
