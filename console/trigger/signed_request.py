"""Sends a body to a webhook URL, signed as Sentry does."""

import hmac
import time
import uuid
from dataclasses import dataclass
from typing import Final

import httpx2

from vedette._core.json_values import json_object
from vedette._core.user_error import UserError
from vedette._core.version import vedette_version

TIMEOUT: Final = 5.0
_NOT_FOUND: Final = 404


class ReceiverUnreachableError(UserError):
    """No receiver answers."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        super().__init__(f"No receiver answers at {url} ({reason}): start one with `vedette up`, or name it with --url")


@dataclass(frozen=True)
class TriggerResponse:
    """The receiver's answer."""

    status: int
    body: str
    milliseconds: int

    @property
    def is_accepted(self) -> bool:
        """Return whether it was stored, or recognised as one that is."""
        return self.status in {200, 202}

    @property
    def delivery(self) -> str:
        """The id of the delivery; empty if the answer has none."""
        try:
            return str(json_object(httpx2.Response(200, text=self.body).json()).get("delivery") or "")
        except ValueError:
            return ""

    @property
    def hint(self) -> str:
        """The next step if the answer is an error; empty if there is nothing to add."""
        if self.status == _NOT_FOUND:
            return "no webhook endpoint of Vedette is there: is the port another program's, or the path misspelt?"
        return {
            401: "the signature was refused: the receiver has another client secret than the settings here",
            413: "the body is larger than receiver.body_limit",
            500: "the receiver could not store it: look at its log",
        }.get(
            self.status, "" if self.body.startswith("{") else "this is no answer of Vedette: is another server there?"
        )


class SignedSender:
    """Posts bodies to one webhook URL over one connection."""

    def __init__(self, url: str, secret: str) -> None:
        """Prepare.

        Args:
            url: The webhook URL.
            secret: The client secret that signs.
        """
        self._url = url
        self._secret = secret.encode()
        self._client = httpx2.Client(timeout=TIMEOUT, trust_env=False)

    def send(self, resource: str, body: bytes) -> TriggerResponse:
        """Post a body with Sentry's headers.

        Raises:
            ReceiverUnreachableError: When nothing answers there.
        """
        headers = {
            "Content-Type": "application/json",
            "Request-ID": uuid.uuid4().hex,
            "Sentry-Hook-Resource": resource,
            "Sentry-Hook-Timestamp": str(int(time.time())),
            "Sentry-Hook-Signature": hmac.digest(self._secret, body, "sha256").hex(),
            "Idempotency-Key": uuid.uuid4().hex,
            "User-Agent": f"vedette-trigger/{vedette_version()}",
        }
        began = time.perf_counter()
        try:
            answer = self._client.post(self._url, content=body, headers=headers)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise ReceiverUnreachableError(self._url, str(error) or type(error).__name__) from None
        return TriggerResponse(answer.status_code, answer.text, round((time.perf_counter() - began) * 1000))

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
