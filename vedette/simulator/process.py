"""The simulated Sentry as a process of its own: its API on a port, its webhooks, and the demonstration."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
import uvicorn

from vedette.simulator.demo.demo import Demonstration
from vedette.simulator.demo.history import seed_history
from vedette.simulator.demo.outage import live_through
from vedette.simulator.demo.sample_issue import add_sample_issue
from vedette.simulator.demo.shop import build_shop
from vedette.simulator.faults.responses import Droppable
from vedette.simulator.options import SimulatorOptions
from vedette.simulator.web.app import create_app
from vedette.simulator.webhooks.sender import WebhookSender
from vedette.simulator.world import builders
from vedette.simulator.world.server_profile import PROFILES
from vedette.simulator.world.world import World

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.types import ASGIApp

__all__ = ["SimulatorOptions", "serve"]


async def serve(options: SimulatorOptions) -> None:
    """Run until cancelled, or until SIGTERM or SIGINT where the main thread can hear them.

    Raises:
        OSError: the address cannot be bound.
    """
    listening = bind_socket(options.host, options.port)
    host, port = listening.getsockname()[:2]
    base_url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    world = build_world(options, base_url)
    log = structlog.get_logger("vedette.simulator")
    async with AsyncExitStack() as stack:
        stack.callback(listening.close)
        sender = await stack.enter_async_context(WebhookSender(world))
        demonstration = Demonstration(world) if options.demonstration else None
        limits = options.limits if world.profile.rate_limits else replace(options.limits, manner="self-hosted")
        app = create_app(world, limits=limits, sender=sender, latency=options.latency)
        server = _Server(_config(Droppable(app)))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        stack.push_async_callback(_stop, server, serving)
        _end_on_signals(server, stack)
        await server.until_started(serving)
        log.info("simulated Sentry is up", base_url=base_url, organization=world.organization_slug)
        if options.ready:
            options.ready(base_url)
        tasks = {serving}
        if demonstration:
            happening = asyncio.create_task(demonstration.run(options.pace))
            stack.push_async_callback(_cancel, happening)
            tasks.add(happening)
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


def build_world(options: SimulatorOptions, base_url: str) -> World:
    """Return the shop's world with one integration, and the token that opens its API."""
    world = World(
        options.organization,
        seed=options.seed,
        base_url=base_url,
        profile=PROFILES[options.server],
        first_id=options.first_id,
    )
    build_shop(world)
    if options.past:
        seed_history(world, options.past, seed=options.seed, kept=options.kept)
    if options.demonstration:
        add_sample_issue(world)
    if options.lost:
        live_through(world, options.lost)
    integration = builders.add_integration(
        world,
        client_secret=options.client_secret,
        webhook_url=options.webhook_url,
        events=options.events,
        scopes=options.scopes,
    )
    builders.add_token(world, "internal", options.scopes, secret=options.token, integration=integration)
    return world


class _Server(uvicorn.Server):
    """A server that leaves signals to us, and says when it has started."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave them alone: uvicorn would take them over, and send them once more when it ends."""
        yield

    async def until_started(self, serving: asyncio.Task[None]) -> None:
        """Wait until it accepts connections."""
        while not self.started:
            if serving.done():
                serving.result()
                return
            await asyncio.sleep(0.005)


def _config(app: ASGIApp) -> uvicorn.Config:
    # Dropped connections are made to order here; uvicorn would report each as an error of the application.
    return uvicorn.Config(
        app, log_config=None, log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=2
    )


def bind_socket(host: str, port: int) -> socket.socket:
    """Return a listening address; port 0 takes a free one.

    Raises:
        OSError: the address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY on each connection; without, every answer is some 40 ms late.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening


def _end_on_signals(server: uvicorn.Server, stack: AsyncExitStack) -> None:
    loop = asyncio.get_running_loop()

    def end() -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, end)
        except (NotImplementedError, RuntimeError, ValueError):
            # Not the main thread, or no signals on this system: the caller cancels instead.
            return
        stack.callback(loop.remove_signal_handler, number)


async def _stop(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    server.should_exit = True
    await asyncio.wait({serving}, timeout=5)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
