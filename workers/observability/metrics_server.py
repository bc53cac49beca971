"""Serves `/metrics` and `/health` of the workers on this machine, on loopback.

The metrics are in Redis, so one process answers for all: each tries to bind the port, and when the process that has it
ends, another binds it. Health is this process's own: a worker that no longer polls for messages is not healthy.
"""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dramatiq
import structlog
from dramatiq.middleware import Middleware

from vedette.store.server.retrying import REDIS_ERRORS
from workers.broker.event_loop import has_loop
from workers.observability.worker_metrics import RedisMetricsCollector

LONGEST_SILENCE = 15.0
"""Seconds without a look for messages after which a worker has stopped consuming."""
_TRY_AGAIN = 2.0


class MetricsServer(Middleware):
    """Serves while the worker runs."""

    def __init__(self, port: int, figures: RedisMetricsCollector, silence: Callable[[], float]) -> None:
        """Describe it.

        Args:
            port: Where to listen on 127.0.0.1; 0 for nowhere.
            figures: What /metrics shows.
            silence: Seconds since the worker's slowest consumer looked for messages.
        """
        self._port = port
        self._figures = figures
        self._silence = silence
        self._ending = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Begin to serve, or to wait for the port."""
        del broker, worker
        if self._port:
            threading.Thread(target=self._serve, name="metrics", daemon=True).start()

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """End serving."""
        del broker, worker
        self._ending.set()
        if self._server is not None:
            self._server.shutdown()

    def answer(self, path: str) -> tuple[int, bytes]:
        """Return status and body for a path."""
        if path == "/health":
            if not has_loop():
                return 503, b"the event loop has ended\n"
            silence = self._silence()
            healthy = silence < LONGEST_SILENCE
            return (200, b"ok\n") if healthy else (503, b"no message was looked for in %d s\n" % silence)
        if path != "/metrics":
            return 404, b"there are /metrics and /health\n"
        try:
            return 200, self._figures.text()
        except REDIS_ERRORS:
            return 503, b"Redis does not answer\n"

    def _serve(self) -> None:
        endpoint = self

        class Answers(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                status, body = endpoint.answer(self.path.partition("?")[0])
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it is called by
                del format, args

        while not self._ending.is_set():
            try:
                self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Answers)
            except OSError:
                # Another worker of this machine has it, and answers.
                self._ending.wait(_TRY_AGAIN)
                continue
            structlog.get_logger().info("serving /metrics and /health", port=self._port)
            with self._server:
                self._server.serve_forever()
