"""Runs the gateway as a process: uvicorn, configured for it."""

from collections.abc import Callable

import uvicorn

from gateway.app import build_app
from gateway.client_limits import CONNECTIONS
from gateway.container import GatewayServices
from vedette._core.user_error import UserError
from vedette.http_server.file_limit import raise_file_limit
from vedette.http_server.server import HttpServer, server_config
from vedette.settings.settings import Settings


class NoAgentsError(UserError):
    """The settings have no agent, so that no client could use the gateway."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__(
            "There are no agents: add a table such as [agents.triage-agent] to vedette.toml (docs/gateway.md shows "
            "one), then start the gateway again"
        )


class _Server(HttpServer):
    """The server of the gateway, which knows its own URL once it listens."""

    def __init__(self, config: uvicorn.Config, services: GatewayServices, ready: Callable[[str], None] | None) -> None:
        super().__init__(config, ready)
        self._services = services

    async def on_listening(self, url: str) -> None:
        """Note the URL, unless the settings have one."""
        if self._services.settings.gateway.url is None:
            # The settings may leave the port to the system.
            self._services.public_url = url


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
    bounds = settings.gateway
    protocol = services.clients.make_protocol()
    config = server_config(build_app(services), host=bounds.host, port=bounds.port, protocol=protocol)
    return _Server(config, services, ready)


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
