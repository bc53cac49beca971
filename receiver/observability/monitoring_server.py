"""A port of its own for metrics and health, so that the one that Sentry calls shows nothing to strangers."""

import asyncio
from typing import TYPE_CHECKING, Any

from vedette._core.user_error import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class MetricsPortError(UserError):
    """Nothing can listen on the port for metrics and health."""

    exit_code = 2

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host = host
        self.port = port
        super().__init__(
            f"receiver.metrics_port: the receiver cannot listen on {host}, port {port} ({reason}): "
            "stop what uses it, or set another port or receiver.metrics_host"
        )


async def listen_for_monitoring(
    app: "ASGIApp", make_protocol: "Callable[[], HttpToolsProtocol]", *, host: str, port: int
) -> asyncio.Server:
    """Listen, and hand what comes to `app`.

    Args:
        app: What answers.
        make_protocol: Makes a connection's protocol.
        host: The address to listen on.
        port: The port to listen on.

    Raises:
        MetricsPortError: When that is not possible.
    """

    def make() -> "HttpToolsProtocol":
        protocol: Any = make_protocol()
        protocol.app = app
        return protocol

    try:
        return await asyncio.get_running_loop().create_server(make, host, port)
    except OSError as error:
        raise MetricsPortError(host, port, error.strerror or str(error)) from None
