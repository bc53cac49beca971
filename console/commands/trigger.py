"""`vedette trigger`: send a correctly signed sample to a running receiver, as Sentry would."""

import hmac
import json
import time
import uuid
from dataclasses import dataclass
from typing import Annotated

import httpx2
import typer

from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained
from console.instance import find_instance
from console.rendering.terminal import echo
from vedette._core.user_error import UserError
from vedette._core.version import vedette_version
from vedette.events import samples
from vedette.settings.settings import load_settings

TIMEOUT = 5.0
_EVENT_IDS = {"service_hook": "eventID", "legacy_webhook": "event_id"}


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


def send(url: str, resource: str, body: bytes, secret: str) -> TriggerResponse:
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
        "Idempotency-Key": uuid.uuid4().hex,
        "User-Agent": f"vedette-trigger/{vedette_version()}",
    }
    began = time.perf_counter()
    try:
        answer = httpx2.post(url, content=body, headers=headers, timeout=TIMEOUT, trust_env=False)
    except httpx2.HTTPError as error:
        raise ReceiverUnreachableError(url, str(error) or type(error).__name__) from None
    return TriggerResponse(answer.status_code, answer.text, round((time.perf_counter() - began) * 1000))


def fresh_body(sample: str) -> bytes:
    """Return a sample that no receiver has met: sent twice it is meant twice, and its signed bytes have to say so.

    Raises:
        UnknownSampleError: When there is no such sample.
    """
    payload = samples.load(sample)
    if "installation" in payload:
        # Part of what a delivery is recognised by, and looked at by no handler.
        payload["installation"]["uuid"] = str(uuid.uuid4())
    else:
        payload["event"][_EVENT_IDS[samples.resource_of(sample)]] = uuid.uuid4().hex
    return samples.wire(payload)


def trigger(
    sample: Annotated[str, typer.Argument(help="Which sample, such as issue.created; `list` names them all.")],
    integration: Annotated[str, typer.Option(help="Which integration signs it.")] = "default",
    url: Annotated[str, typer.Option(help="The webhook URL; the running receiver's unless given.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """Send a correctly signed sample to a running receiver and show the answer."""
    if sample == "list":
        typer.echo("\n".join(samples.names()))
        return
    with explained():
        instance = find_instance(load_settings())
        target = url or f"{instance.receiver_url}/hooks/{integration}"
        try:
            body = fresh_body(sample)
        except samples.UnknownSampleError as error:
            typer.echo(f"{error}: `vedette trigger list` names them all", err=True)
            raise typer.Exit(WRONG_USAGE) from None
        answer = send(target, samples.resource_of(sample), body, instance.client_secret(integration))
    if as_json:
        typer.echo(json.dumps({"url": target, "status": answer.status, "body": answer.body}))
    else:
        echo(f"{sample} -> {target}: {answer.status} {answer.body} ({answer.milliseconds} ms)")
    if answer.status not in {200, 202}:
        raise typer.Exit(FOUND_WRONG)
