"""The receiver as a process of its own: uvicorn, set up for the door."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from receiver.admission.file_limit import raise_file_limit
from receiver.admission.read_scheduler import CpuTurns
from receiver.app import build_app, build_monitoring_app
from receiver.container import ReceiverServices
from receiver.endpoints.ui_components import Responders
from receiver.http_protocol import HeadLimits, bounded
from receiver.observability.monitoring_server import listen_for_monitoring
from vedette.settings.settings import Settings

_COLLECT_AFTER = 20_000
"""How many objects more than before make the garbage collector look for cycles."""

_ACCEPT_HANDLES = 4
"""New connections that are accepted in one iteration of the event loop; an idle handle costs a microsecond each."""
GRACE = 2
"""How long requests under way may take after SIGTERM, in seconds."""


class _Server(uvicorn.Server):
    """Says when and where it listens, and ends with success when it was asked to end."""

    def __init__(
        self, config: uvicorn.Config, settings: Settings, parts: ReceiverServices, ready: Callable[[str], None]
    ) -> None:
        super().__init__(config)
        self._settings = settings
        self._parts = parts
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say where."""
        # First, while nothing has been started that would have to be ended again.
        await self._parts.check_server()
        monitoring = await self._listen_for_monitoring()
        await super().startup(sockets)
        if self.started:
            self.servers += await add_accept_handles(self.servers, self._make_protocol, backlog=self.config.backlog)
            self.servers += monitoring
        # What was made until now lives as long as the process: the collector need not walk it again and again. And
        # requests leave no cycles behind, so looking for some after every few of them is wasted.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")

    async def _listen_for_monitoring(self) -> list[asyncio.Server]:
        bounds = self._settings.receiver
        if not bounds.metrics_port:
            return []
        app = build_monitoring_app(self._settings, self._parts)
        listening = await listen_for_monitoring(
            app, self._make_protocol, host=bounds.metrics_host, port=bounds.metrics_port
        )
        return [listening]

    def _make_protocol(self) -> HttpToolsProtocol:
        make = cast("Callable[..., HttpToolsProtocol]", self.config.http_protocol_class)
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take SIGINT and SIGTERM as a request to end.

        uvicorn raises them again when it has ended, so that the process would seem killed rather than finished.
        """
        try:
            with super().capture_signals():
                yield
                self._captured_signals.clear()
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def make_server(
    settings: Settings, *, ready: Callable[[str], None] | None = None, responders: Responders | None = None
) -> uvicorn.Server:
    """Return a server that is set up and has not started; see `run` for what it is given."""
    bounds, parts = settings.receiver, ReceiverServices(settings)
    protocol = bounded(
        HeadLimits(
            head_limit=bounds.head_limit,
            body_limit=bounds.body_limit,
            connections=parts.connections,
            uploads=parts.uploads,
            peers=parts.peers,
            refusals=parts.refusals,
            turns=CpuTurns(),
        )
    )
    config = uvicorn.Config(
        build_app(settings, responders, parts),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
    )
    return _Server(config, settings, parts, ready or _nothing)


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
    settings: Settings, *, ready: Callable[[str], None] | None = None, responders: Responders | None = None
) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first, for at most two seconds.

    Args:
        settings: What `load_settings` returned.
        ready: Called once with the base URL, such as `http://127.0.0.1:8650`, when it listens; tells the port where
            the settings left it to the system (0).
        responders: Who answers UI components.

    Raises:
        SettingsError: When there is no client secret.
        UnsafeServerError: When Redis throws away what it has acknowledged.
        MetricsPortError: When the port for metrics cannot be listened on.
        SystemExit: When the port is taken.
    """
    raise_file_limit(settings.receiver.connections_limit)
    make_server(settings, ready=ready, responders=responders).run()


def _nothing(url: str) -> None:
    del url
