"""Runs an ASGI application as a process: uvicorn, with one configuration for all of Vedette's servers.

A program that serves HTTP makes a `server_config`, and runs an `HttpServer` or a subclass of it, which adds what the
program needs before it listens and once it does.
"""

import gc
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GRACE: Final = 2
"""Seconds that requests in progress may take after SIGTERM."""
_COLLECT_AFTER: Final = 20_000
"""Net allocations after which the garbage collector looks for cycles."""


def server_config(app: ASGIApp, *, host: str, port: int, protocol: type[HttpToolsProtocol]) -> uvicorn.Config:
    """Return the configuration of a server.

    Args:
        app: The application, with a lifespan.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        protocol: The protocol of a connection, with its bounds; see `vedette.http_server.http_protocol`.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # The client's address and Host are never read from headers that anyone may send.
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
    )


class HttpServer(uvicorn.Server):
    """A uvicorn server that reports its URL and exits with 0 after SIGINT or SIGTERM."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None] | None = None) -> None:
        """Prepare.

        Args:
            config: The configuration; see `server_config`.
            ready: Called once with the base URL, such as `http://127.0.0.1:8650`, when the server listens; the URL has
                the actual port where the configuration leaves it to the system (0).
        """
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and report the URL."""
        await super().startup(sockets)
        url = self._url() if self.started else ""
        if url:
            await self.on_listening(url)
        # Objects made until now live as long as the process, so the collector need not traverse them again. Requests
        # leave no cycles behind, so frequent collections have no use.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
        if url and self._ready is not None:
            self._ready(url)

    async def on_listening(self, url: str) -> None:
        """Complete the start, once the server listens and before its URL is reported; override it where needed.

        Args:
            url: The base URL.
        """

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Treat SIGINT and SIGTERM as a request to stop.

        uvicorn raises them again after its shutdown, so that the process would appear to be killed.
        """
        try:
            with super().capture_signals():
                yield
                self._captured_signals.clear()
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)

    def _url(self) -> str:
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
