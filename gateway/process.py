"""Runs the gateway as a process: uvicorn, configured for it."""

import gc
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

import uvicorn

from gateway.app import build_app
from gateway.client_limits import CONNECTIONS
from gateway.container import GatewayServices
from vedette._core.user_error import UserError
from vedette.http_server.file_limit import raise_file_limit
from vedette.settings.settings import Settings

GRACE: Final = 2
"""Seconds that requests in progress may take after SIGTERM."""
_COLLECT_AFTER: Final = 20_000
"""Net allocations after which the garbage collector looks for cycles."""


class NoAgentsError(UserError):
    """The settings have no agent, so that no client could use the gateway."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__(
            "There are no agents: add a table such as [agents.triage-agent] to vedette.toml (docs/gateway.md shows "
            "one), then start the gateway again"
        )


class _Server(uvicorn.Server):
    """A uvicorn server that reports its URL and exits with 0 after SIGINT or SIGTERM."""

    def __init__(self, config: uvicorn.Config, services: GatewayServices, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._services = services
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and report the URL."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            if self._services.settings.gateway.url is None:
                # The settings may leave the port to the system.
                self._services.public_url = url
            self._ready(url)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Treat SIGINT and SIGTERM as a request to stop, which uvicorn would raise again after its shutdown."""
        try:
            with super().capture_signals():
                yield
                self._captured_signals.clear()
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def make_server(
    settings: Settings, *, ready: Callable[[str], None] | None = None, services: GatewayServices | None = None
) -> uvicorn.Server:
    """Return a server that is configured and not started; see `run` for the other arguments.

    Args:
        settings: The settings of this process.
        ready: Called with the base URL when the server listens.
        services: The services; made from the settings unless given.

    Raises:
        NoAgentsError: When the settings have no agent.
        SettingsError: When the integration of an agent lacks what a call needs.
    """
    if not settings.agents:
        raise NoAgentsError
    services = services or GatewayServices(settings)
    config = uvicorn.Config(
        build_app(services),
        host=settings.gateway.host,
        port=settings.gateway.port,
        loop="uvloop",
        http=services.clients.make_protocol(),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # The client's address and Host are never read from headers that anyone may send.
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
    )
    return _Server(config, services, ready or _ignore_url)


def run(settings: Settings, *, ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; requests in progress have two seconds to be answered.

    Args:
        settings: The settings of this process.
        ready: Called once with the base URL, such as `http://127.0.0.1:8652`, when the server listens; the URL has the
            actual port where the settings leave it to the system (0).

    Raises:
        NoAgentsError: When the settings have no agent.
        SettingsError: When the integration of an agent lacks what a call needs.
        SystemExit: When the port is taken.
    """
    raise_file_limit(CONNECTIONS)
    make_server(settings, ready=ready).run()


def _ignore_url(url: str) -> None:
    del url
