"""Runs the console as a process: uvicorn, configured for it."""

import socket
from collections.abc import Callable

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from console.instance import find_instance
from console.web.address import ConsoleAddress
from console.web.app import build_app
from console.web.container import ConsoleServices
from vedette.http_server.server import HttpServer, server_config
from vedette.settings.settings import Settings

_MOST_CONNECTIONS = 512
_GRACE = 1
"""Seconds that requests in progress may take after SIGTERM; streams end at once."""


class ConsoleServer(HttpServer):
    """The server of the console, which knows its own URL once it listens, and ends streams when it stops."""

    def __init__(self, config: uvicorn.Config, services: ConsoleServices, ready: Callable[[str], None] | None) -> None:
        super().__init__(config, ready)
        self.services = services

    async def on_listening(self, url: str) -> None:
        """Note the URL, unless the settings have one."""
        if self.services.settings.console.url is None:
            self.services.address = ConsoleAddress(url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye on all streams, which would keep uvicorn waiting, and stop."""
        self.services.live.close()
        await super().shutdown(sockets)


def make_console_server(settings: Settings, *, ready: Callable[[str], None] | None = None) -> ConsoleServer:
    """Return a server that is configured and not started; see `run` for the other argument."""
    services = ConsoleServices(find_instance(settings))
    config = server_config(
        build_app(services),
        host=settings.console.host,
        port=settings.console.port,
        protocol=HttpToolsProtocol,
    )
    config.timeout_graceful_shutdown = _GRACE
    config.limit_concurrency = _MOST_CONNECTIONS
    return ConsoleServer(config, services, ready)


def run(settings: Settings, *, ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        settings: The settings of this process.
        ready: Called once with the base URL, such as `http://127.0.0.1:8651`, when the server listens; the URL has the
            actual port where the settings leave it to the system (0).

    Raises:
        SystemExit: When the port is taken.
    """
    make_console_server(settings, ready=ready).run()
