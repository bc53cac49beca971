"""Runs the receiver as a process: uvicorn, configured for it."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from receiver.app import build_app, build_monitoring_app
from receiver.container import ReceiverServices
from receiver.endpoints.ui_components import Responders
from receiver.observability.monitoring_server import listen_for_monitoring
from receiver.process_member import MemberPlace
from vedette.http_server.file_limit import raise_file_limit
from vedette.http_server.http_protocol import ProtocolLimits, make_protocol_class
from vedette.http_server.read_scheduler import ReadScheduler
from vedette.http_server.server import HttpServer, server_config
from vedette.settings.settings import Settings

_ACCEPT_HANDLES = 4
"""New connections that are accepted in one iteration of the event loop; an idle handle costs a microsecond each."""


class _Server(HttpServer):
    """The server of the receiver: it checks Redis before it listens, and has more handles and a port for metrics."""

    def __init__(
        self,
        config: uvicorn.Config,
        settings: Settings,
        services: ReceiverServices,
        ready: Callable[[str], None] | None,
        monitoring_socket: socket.socket | None = None,
    ) -> None:
        super().__init__(config, ready)
        self._monitoring_socket = monitoring_socket
        self._settings = settings
        self._services = services
        self._monitoring: list[asyncio.Server] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Check Redis and listen, and report the URL."""
        # First, before anything is started that would have to be stopped again.
        await self._services.check_server()
        self._monitoring = await self._listen_for_monitoring()
        await super().startup(sockets)

    async def on_listening(self, url: str) -> None:
        """Add the further handles, and have the port for metrics closed with the others."""
        del url
        self.servers += await add_accept_handles(self.servers, self._make_protocol, backlog=self.config.backlog)
        self.servers += self._monitoring

    async def _listen_for_monitoring(self) -> list[asyncio.Server]:
        bounds = self._settings.receiver
        if not bounds.metrics_port:
            return []
        app = build_monitoring_app(self._settings, self._services)
        listening = await listen_for_monitoring(
            app,
            self._make_protocol,
            host=bounds.metrics_host,
            port=bounds.metrics_port,
            listening=self._monitoring_socket,
        )
        return [listening]

    def _make_protocol(self) -> HttpToolsProtocol:
        make = cast("Callable[..., HttpToolsProtocol]", self.config.http_protocol_class)
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)


def make_server(
    settings: Settings,
    *,
    ready: Callable[[str], None] | None = None,
    responders: Responders | None = None,
    place: MemberPlace | None = None,
    monitoring_socket: socket.socket | None = None,
) -> uvicorn.Server:
    """Return a server that is configured and not started; see `run` for the arguments."""
    bounds, services = settings.receiver, ReceiverServices(settings, place)
    protocol = make_protocol_class(
        ProtocolLimits(
            head_limit=bounds.head_limit,
            body_limit=bounds.body_limit,
            connections=services.connections,
            uploads=services.uploads,
            peers=services.peers,
            rejections=services.rejections,
            scheduler=ReadScheduler(),
        )
    )
    app = build_app(settings, responders, services)
    config = server_config(app, host=settings.host, port=settings.port, protocol=protocol)
    return _Server(config, settings, services, ready, monitoring_socket)


async def add_accept_handles(
    servers: Sequence[asyncio.Server], make_protocol: Callable[[], asyncio.Protocol], *, backlog: int
) -> list[asyncio.Server]:
    """Listen on the sockets of `servers` through further handles, and return the additional servers.

    uvloop accepts one connection for each handle and iteration (its libuv does since
    https://github.com/libuv/libuv/pull/3696), and Sentry may open a connection for each webhook. Under load an
    iteration takes more than a millisecond: with one handle, new connections waited up to a second while open ones
    were served within 20 ms.

    Args:
        servers: The servers that listen already.
        make_protocol: Makes a connection's protocol.
        backlog: How many new connections may wait in the system.
    """
    loop = asyncio.get_running_loop()
    return [
        await loop.create_server(make_protocol, sock=listening.dup(), backlog=backlog)
        for server in servers
        for listening in server.sockets
        for _ in range(_ACCEPT_HANDLES - 1)
    ]


def run(
    settings: Settings,
    *,
    ready: Callable[[str], None] | None = None,
    responders: Responders | None = None,
    place: MemberPlace | None = None,
    sockets: Sequence[socket.socket] = (),
) -> None:
    """Serve until SIGTERM or SIGINT; requests in progress have two seconds to be answered.

    Args:
        settings: The settings of this process.
        ready: Called once with the base URL, such as `http://127.0.0.1:8650`, when the server listens; the URL has the
            actual port where the settings leave it to the system (0).
        responders: The responders of UI components.
        place: The place among several receiver processes; None for one alone.
        sockets: Sockets that listen already: for webhooks, and for metrics where these have a port.

    Raises:
        SettingsError: When there is no client secret.
        UnsafeServerError: When Redis evicts acknowledged deliveries.
        MetricsPortError: When the port for metrics cannot be listened on.
        SystemExit: When the port is taken.
    """
    raise_file_limit(settings.receiver.connections_limit)
    monitoring = sockets[1] if len(sockets) > 1 else None
    server = make_server(settings, ready=ready, responders=responders, place=place, monitoring_socket=monitoring)
    server.run(sockets=list(sockets[:1]) or None)
