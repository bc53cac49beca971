"""`vedette trigger`: send a correctly signed sample to a running receiver, as Sentry would."""

import hmac
import time
import uuid
from dataclasses import dataclass

import httpx2

from vedette.version import vedette_version

TIMEOUT = 5.0


class ReceiverUnreachableError(Exception):
    """No receiver answers."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        super().__init__(f"No receiver answers at {url} ({reason}): start one with `vedette up`, or name it with --url")


@dataclass(frozen=True)
class Answer:
    """What the receiver answered."""

    status: int
    body: str
    milliseconds: int


def send(url: str, resource: str, body: bytes, secret: str) -> Answer:
    """Post `body` to a webhook URL with Sentry's headers, signed with the client secret.

    Raises:
        ReceiverUnreachableError: When nothing answers there.
    """
    headers = {
        "Content-Type": "application/json",
        "Request-ID": uuid.uuid4().hex,
        "Sentry-Hook-Resource": resource,
        "Sentry-Hook-Timestamp": str(int(time.time())),
        "Sentry-Hook-Signature": hmac.digest(secret.encode(), body, "sha256").hex(),
        # A sample sent twice is meant twice.
        "Idempotency-Key": uuid.uuid4().hex,
        "User-Agent": f"vedette-trigger/{vedette_version()}",
    }
    began = time.perf_counter()
    try:
        answer = httpx2.post(url, content=body, headers=headers, timeout=TIMEOUT, trust_env=False)
    except httpx2.HTTPError as error:
        raise ReceiverUnreachableError(url, str(error) or type(error).__name__) from None
    return Answer(answer.status_code, answer.text, round((time.perf_counter() - began) * 1000))
