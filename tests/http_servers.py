"""Serves applications in a test's own process, from sockets of this machine, without waiting at the start and end.

uvicorn's own main loop and shutdown wait a tenth of a second each, which thousands of tests would pay for. How our
servers end is tested in processes of their own.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

import uvicorn
from starlette.types import ASGIApp

_GRACE: Final = 1.0
"""Seconds that requests in progress may take at the end."""


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncGenerator[str]:
    """Serve an application on a free port of this machine; the value is its URL."""
    # With its protocol named, so that asyncio sends answers at once instead of waiting for acknowledgements.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, log_level="critical", lifespan="off")
        async with run_server(uvicorn.Server(config), [listening]):
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@asynccontextmanager
async def run_server(server: uvicorn.Server, sockets: list[socket.socket] | None = None) -> AsyncGenerator[None]:
    """Run a server until the context ends.

    Args:
        server: The server, which is configured and not started.
        sockets: The sockets that it listens on, unless its configuration names an address.
    """
    config = server.config
    if not config.loaded:
        config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets)
    assert server.started
    ticking = asyncio.create_task(_tick(server))
    try:
        yield
    finally:
        ticking.cancel()
        await _end(server)


async def _tick(server: uvicorn.Server) -> None:
    """Keep the date in the headers current, as the main loop does."""
    while True:
        await server.on_tick(0)
        await asyncio.sleep(1)


async def _end(server: uvicorn.Server) -> None:
    for each in server.servers:
        each.close()
    state = server.server_state
    for connection in list(state.connections):
        connection.shutdown()
    with suppress(TimeoutError):
        async with asyncio.timeout(_GRACE):
            while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.001)
    for task in state.tasks:
        task.cancel()
    await server.lifespan.shutdown()
