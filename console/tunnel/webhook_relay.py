"""A local server between a tunnel and the receiver: it passes webhooks on and nothing else.

A tunnel makes a whole port public. The receiver's port also answers /metrics and /health, which are nobody's business,
so the tunnel ends here. Bodies are passed on byte for byte, since the signature is over the bytes. A tunnel that has
parsed the JSON (smee) gets it written again as Sentry does: ASCII, without blanks, keys in their order. The receiver
checks the signature in each case, and refuses what was not restored.
"""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self

import httpx2

from vedette.events import samples

_TIMEOUT: Final = 10.0
_PREFIX: Final = "/hooks/"
_NOT_PASSED: Final = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "keep-alive", "expect", "te"}
)
Told = Callable[[str, int, str], object]
"""Called for each webhook with its resource, the status and the body of the answer."""


class WebhookRelay:
    """A server on a free port of 127.0.0.1, while it is entered as a context."""

    def __init__(self, receiver_url: str, *, body_limit: int, keeps_bytes: bool, told: Told) -> None:
        """Prepare.

        Args:
            receiver_url: Where webhooks are passed on to, without a path.
            body_limit: Bytes that a body may have.
            keeps_bytes: Whether the tunnel passes bodies on as they came.
            told: Called after each webhook.
        """
        http = httpx2.Client(timeout=_TIMEOUT, trust_env=False)
        attributes = {"receiver_url": receiver_url, "limit": body_limit, "keeps_bytes": keeps_bytes}
        handler: Any = type("Handler", (_RelayHandler,), {**attributes, "told": staticmethod(told), "http": http})
        self._http = http
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=lambda: self._server.serve_forever(poll_interval=0.05), daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_port

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._http.close()


class _RelayHandler(BaseHTTPRequestHandler):
    receiver_url: str
    limit: int
    keeps_bytes: bool
    told: Told
    http: httpx2.Client

    def do_POST(self) -> None:
        """Pass a webhook on."""
        body = self._read()
        if body is None:
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED}
        try:
            answer = self.http.post(f"{self.receiver_url}{self.path}", content=body, headers=headers)
            status, text = answer.status_code, answer.text
        except httpx2.HTTPError as error:
            status, text = 502, json.dumps({"error": f"the receiver does not answer: {type(error).__name__}"})
        self._answer(status, text)
        self.told(self.headers.get("Sentry-Hook-Resource") or "-", status, text)

    def do_GET(self) -> None:
        """Refuse: nothing but webhooks is public."""
        self._answer(404, json.dumps({"error": "only webhooks are passed on"}))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Write no log."""

    def _read(self) -> bytes | None:
        """Return the body to pass on; None after an error was answered."""
        length = self.headers.get("Content-Length", "")
        if not self.path.startswith(_PREFIX) or not length.isdecimal():
            self._answer(404, json.dumps({"error": "only webhooks are passed on"}))
            return None
        if int(length) > self.limit:
            self._answer(413, json.dumps({"error": "body too large"}))
            return None
        body = self.rfile.read(int(length))
        return body if self.keeps_bytes else _as_sentry_writes(body)

    def _answer(self, status: int, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)


def _as_sentry_writes(body: bytes) -> bytes:
    try:
        payload: Any = json.loads(body)
        return samples.wire(payload)
    except (ValueError, TypeError, RecursionError):
        return body
