"""One server process of the benchmark: `python serve.py VARIANT CORE`; prints its URL when it listens.

| variant | handling of a request |
|---|---|
| bare | Starlette's Request and Response, HMAC checked, nothing stored: the yardstick; it has our settings of uvicorn |
| enqueue | the same, then `broker.enqueue` in the route, as a first version would |
| ours | the whole receiver, as `vedette receiver` runs it |
"""

import gc
import hmac
import logging
import os
import sys
from collections.abc import Awaitable, Callable

import dramatiq
import uvicorn
from dramatiq.brokers.redis import RedisBroker
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from receiver.server import run
from vedette._core.logging_setup import configure_logging
from vedette.settings.settings import load_settings

Endpoint = Callable[[Request], Awaitable[Response]]


def bare(secret: bytes) -> Endpoint:
    """Check the signature and answer."""

    async def hook(request: Request) -> Response:
        body = await request.body()
        wanted = hmac.digest(secret, body, "sha256").hex()
        if not hmac.compare_digest(wanted, request.headers.get("sentry-hook-signature", "")):
            return Response(status_code=401)
        return JSONResponse({"delivery": "0" * 26}, status_code=202)

    return hook


def enqueue(secret: bytes) -> Endpoint:
    """Check the signature and put the body on dramatiq's queue."""
    broker = RedisBroker(url=os.environ["VEDETTE_REDIS_URL"])
    check = bare(secret)

    @dramatiq.actor(broker=broker)
    def handle(body: str) -> None:
        del body

    async def hook(request: Request) -> Response:
        response = await check(request)
        if response.status_code < 400:
            handle.send((await request.body()).decode())
        return response

    return hook


def _say(url: str) -> None:
    print(url, flush=True)


def main(variant: str, core: int) -> None:
    """Serve one variant until SIGTERM."""
    if core >= 0 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    if variant == "ours":
        configure_logging()
        run(load_settings(), ready=_say)
        return
    logging.basicConfig(level=logging.CRITICAL)
    secret = os.environ["VEDETTE_CLIENT_SECRET"].encode()
    endpoint = {"bare": bare, "enqueue": enqueue}[variant](secret)
    app = Starlette(routes=[Route("/hooks", endpoint, methods=["POST"])])
    config = uvicorn.Config(
        app,
        port=0,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        ws="none",
        # As ours has it: neither header is of use here, and each costs time.
        server_header=False,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    startup = server.startup

    async def start(sockets: object = None) -> None:
        del sockets
        await startup()
        # As ours does; see vedette/http_server/server.py.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000)
        _say(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")

    server.startup = start
    server.run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
