"""What passes the relay, and that the signature survives a tunnel that has read the JSON."""

import hmac
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx2
import pytest

from console.tunnel.webhook_relay import WebhookRelay
from vedette.events import samples

SECRET = b"s" * 40
LIMIT = 1_000_000
HTTP = httpx2.Client(trust_env=False, timeout=60, limits=httpx2.Limits(max_keepalive_connections=0))
Told = list[tuple[str, int, str]]


class _Receiver(BaseHTTPRequestHandler):
    """Answers whether the signature is right."""

    paths: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.paths.append(self.path)
        is_right = self.headers["Sentry-Hook-Signature"] == hmac.digest(SECRET, body, "sha256").hex()
        self.send_response(202 if is_right else 401)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Write no log."""


@pytest.fixture
def receiver() -> Iterator[Any]:
    handler: Any = type("Receiver", (_Receiver,), {"paths": []})
    server: Any = HTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=lambda: server.serve_forever(poll_interval=0.05), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def relay_to(port: int, told: Told, *, keeps_bytes: bool = True) -> WebhookRelay:
    def note(resource: str, status: int, text: str) -> None:
        told.append((resource, status, text))

    return WebhookRelay(f"http://127.0.0.1:{port}", body_limit=LIMIT, keeps_bytes=keeps_bytes, told=note)


def send(relay: WebhookRelay, body: bytes, signed: bytes, path: str = "/hooks/default") -> int:
    signature = hmac.digest(SECRET, signed, "sha256").hex()
    headers = {"Sentry-Hook-Signature": signature, "Sentry-Hook-Resource": "issue"}
    return HTTP.post(f"http://127.0.0.1:{relay.port}{path}", content=body, headers=headers).status_code


@pytest.mark.parametrize("keeps_bytes", [True, False])
def test_the_signature_of_every_sample_survives(receiver: Any, keeps_bytes: bool) -> None:
    told: Told = []
    with relay_to(receiver.server_port, told, keeps_bytes=keeps_bytes) as relay:
        for sample in samples.names():
            body = samples.wire(samples.load(sample))
            parsed = json.dumps(json.loads(body), ensure_ascii=False).encode()
            assert send(relay, body if keeps_bytes else parsed, body) == 202, sample
    assert [(resource, status) for resource, status, _ in told] == [("issue", 202)] * len(samples.names())


def test_a_body_that_was_changed_is_refused(receiver: Any) -> None:
    body = samples.wire(samples.load("issue.created"))
    with relay_to(receiver.server_port, [], keeps_bytes=False) as relay:
        assert send(relay, body.replace(b"error", b"fatal"), body) == 401
        assert send(relay, b"\xff no JSON", body) == 401


def test_nothing_but_webhooks_passes(receiver: Any) -> None:
    with relay_to(receiver.server_port, []) as relay:
        for path in ("/metrics", "/health/ready", "/", "/ui/default", "/hooks/default"):
            assert HTTP.get(f"http://127.0.0.1:{relay.port}{path}").status_code == 404
        for path in ("/metrics", "/health/ready", "/", "/ui/default"):
            assert send(relay, b"{}", b"{}", path) == 404
    assert receiver.RequestHandlerClass.paths == []


def test_a_large_body_and_a_receiver_that_is_gone_are_answered(receiver: Any) -> None:
    told: Told = []
    with relay_to(receiver.server_port, told) as relay:
        assert send(relay, b"{}", b"{}") == 202
    with relay_to(9, told) as relay:
        assert send(relay, b"{}", b"{}") == 502
    assert "the receiver does not answer" in told[-1][2]
    assert receiver.RequestHandlerClass.paths == ["/hooks/default"]
