"""Listens on a separate port for metrics and health, which the port that Sentry calls then does not serve."""

import asyncio
from typing import TYPE_CHECKING, Any

from vedette._core.user_error import UserError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from starlette.types import ASGIApp
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class MetricsPortError(UserError):
    """The port for metrics and health is not available."""

    exit_code = 2

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host = host
        self.port = port
        super().__init__(
            f"receiver.metrics_port: the receiver cannot listen on {host}, port {port} ({reason}): "
            "stop the process that uses it, or set another port or receiver.metrics_host"
        )


async def listen_for_monitoring(
    app: "ASGIApp",
    make_protocol: "Callable[[], HttpToolsProtocol]",
    *,
    host: str,
    port: int,
    listening: "socket.socket | None" = None,
) -> asyncio.Server:
    """Start a server for `app`.

    Args:
        app: The application that handles the requests.
        make_protocol: Makes a connection's protocol.
        host: The address to listen on.
        port: The port to listen on.
        listening: A socket that listens there already, which several processes share.

    Raises:
        MetricsPortError: When the address is not available.
    """

    def make() -> "HttpToolsProtocol":
        protocol: Any = make_protocol()
        protocol.app = app
        return protocol

    if listening is not None:
        return await asyncio.get_running_loop().create_server(make, sock=listening)
    try:
        return await asyncio.get_running_loop().create_server(make, host, port)
    except OSError as error:
        raise MetricsPortError(host, port, error.strerror or str(error)) from None
