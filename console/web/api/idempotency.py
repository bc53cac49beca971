"""Carries out an order once for each `Idempotency-Key`, and gives a repetition the answer of the first."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from console.web.requests import ConsoleRequest, json_error
from vedette._core.json_values import json_object
from vedette.store.server.keys import console_order_key

_DAY: Final = 24 * 3600 * 1000
"""Milliseconds for which an answer is kept."""
_MINUTE: Final = 60_000
"""Milliseconds after which an order without an answer counts as lost."""
_LONGEST: Final = 100


async def answer_once(
    request: ConsoleRequest, values: dict[str, Any], carry_out: Callable[[], Awaitable[Response]]
) -> Response:
    """Return the answer to an order; an order with the key of an earlier one is not carried out again.

    Args:
        request: The order, with a header `Idempotency-Key` or without.
        values: Its body.
        carry_out: Carries it out; an order that raises may be repeated.
    """
    key = request.http.headers.get("idempotency-key", "")
    if not key:
        return await carry_out()
    if len(key) > _LONGEST:
        return json_error(400, f"the Idempotency-Key is longer than {_LONGEST} characters: send a UUID")
    redis = request.services.redis
    name = console_order_key(_digest(request.account.name, key))
    digest = _digest(request.http.url.path, json.dumps(values, sort_keys=True))
    if not await redis.set(name, json.dumps({"digest": digest}), px=_MINUTE, nx=True):
        return _repeated(await redis.get(name), digest)
    try:
        response = await carry_out()
    except BaseException:
        await redis.delete(name)
        raise
    body = bytes(response.body).decode()
    await redis.set(name, json.dumps({"digest": digest, "status": response.status_code, "body": body}), px=_DAY)
    return response


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _repeated(stored: bytes | None, digest: str) -> Response:
    facts = json_object(json.loads(stored)) if stored else {}
    if facts.get("digest") != digest:
        return json_error(422, "the Idempotency-Key was used for another order: send a new one")
    if "body" not in facts:
        return json_error(409, "the order is being carried out: repeat it with the same Idempotency-Key in a moment")
    return JSONResponse(json.loads(str(facts["body"])), int(facts.get("status", 200)), {"Idempotent-Replayed": "true"})
