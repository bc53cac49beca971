"""Reads the body of a request: one JSON object, which says the same to every program.

Sentry also reads forms and takes the last of two equal keys, so that a body could pass a check with one value and be
carried out with another. The call is built from the parsed value, never from these bytes.
"""

import json
import math
from typing import Any, Final, NoReturn

from gateway.rejections import BodySizeError, BodyTypeError, UnusableBodyError
from vedette._core.json_values import json_list, json_object

LONGEST: Final = 256 * 1024
"""Bytes of a body."""
DEEPEST: Final = 20
"""Levels of nested objects and lists."""
_JSON: Final = "application/json"
_TOO_DEEP: Final = f"is nested more than {DEEPEST} levels deep"


def check_type(content_type: str | None) -> None:
    """Reject a body that says it is no JSON; one without a type is taken for JSON, as which it is sent on.

    Raises:
        BodyTypeError: It does.
    """
    kind, _, parameters = (_JSON if content_type is None else content_type).partition(";")
    if kind.strip().lower() != _JSON:
        raise BodyTypeError(f"is {_name(kind)}, and only {_JSON} is read")
    charset = parameters.partition("charset=")[2].strip().strip('"').lower()
    if charset not in {"", "utf-8", "utf8"}:
        raise BodyTypeError("has another charset than UTF-8")


def parse_body(content: bytes) -> dict[str, Any]:
    """Return the object of a body.

    Raises:
        BodySizeError: It is too long.
        UnusableBodyError: It is no JSON object, or one that two programs could read differently.
    """
    if len(content) > LONGEST:
        raise BodySizeError(f"has more than {LONGEST // 1024} kB")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise UnusableBodyError("is not UTF-8") from None
    try:
        found: object = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise UnusableBodyError(f"is no JSON (character {error.pos})") from None
    except RecursionError:
        raise UnusableBodyError(_TOO_DEEP) from None
    except ValueError:
        raise UnusableBodyError("holds a number of too many digits") from None
    if not isinstance(found, dict):
        raise UnusableBodyError("is JSON, but no object")
    values = json_object(found)  # pyright: ignore[reportUnknownArgumentType] - any mapping
    _check_values(values)
    return values


def _check_values(found: dict[str, Any]) -> None:
    level: list[Any] = [found]
    for _ in range(DEEPEST):
        level = [child for each in level for child in _children(each)]
    if level:
        raise UnusableBodyError(_TOO_DEEP)
    if not _is_encodable(found):
        raise UnusableBodyError("holds half of a surrogate pair")


def _children(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(json_object(value).values())
    return json_list(value) if isinstance(value, list) else []


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnusableBodyError("names a key twice")
    return found


def _is_encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_constant(name: str) -> NoReturn:
    raise UnusableBodyError(f"holds {name}, which is no number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise UnusableBodyError("holds a number that is too large")
    return value


def _name(kind: str) -> str:
    name = kind.strip().lower()
    return name if name.replace("/", "").replace("-", "").isalnum() and len(name) < 60 else "of another type"  # noqa: PLR2004
