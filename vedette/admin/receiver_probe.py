"""Asks a receiver for its readiness, as a load balancer does."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx2

from vedette._core.json_values import json_object

_TIMEOUT = 2.0


@dataclass(frozen=True)
class ReceiverReadiness:
    """The answer of a receiver's `/health/ready`."""

    url: str
    status: str
    """`ready`, `spooling` or `refusing`; `unreachable` where no receiver answers from here."""
    detail: str = ""


async def probe_receiver(url: str) -> ReceiverReadiness:
    """Return the readiness of the receiver at a URL; a failure is a status too.

    Args:
        url: Of the receiver, without a path.
    """
    try:
        async with httpx2.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
            answer = await client.get(f"{url}/health/ready")
            said = json_object(answer.json())
    except (httpx2.HTTPError, ValueError) as error:
        return ReceiverReadiness(url, "unreachable", type(error).__name__)
    status = said.get("status")
    if status not in {"ready", "spooling", "refusing"}:
        return ReceiverReadiness(url, "unreachable", "another server answers there")
    return ReceiverReadiness(url, str(status), str(json_object(said.get("redis")).get("problem") or ""))


async def find_receiver(urls: Sequence[str]) -> str:
    """Return the first URL at which a receiver answers, or the last one if none does."""
    for url in urls[:-1]:
        if (await probe_receiver(url)).status != "unreachable":
            return url
    return urls[-1]
