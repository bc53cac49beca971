"""A receiver on a real socket, and a look into its Redis."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2

from receiver.endpoints.ui_components import Responders
from receiver.server import make_server
from tests.http_servers import run_server
from tests.receiver.sentry import hook_headers
from vedette.settings.settings import Settings
from vedette.store.deliveries.stored_record import fields_of

_ONLY_PACKED = {"id", "key", "window", "sent_key", "sent_window", "body_key", "recurs"}


class MakeSettings(Protocol):
    def __call__(
        self, *, url: str | None = None, integration: dict[str, Any] | None = None, **receiver: Any
    ) -> Settings: ...


@dataclass
class Running:
    """A receiver that listens."""

    url: str
    client: httpx2.AsyncClient
    settings: Settings

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def hook(self, body: bytes, resource: str = "issue", path: str = "/hooks", **headers: str) -> httpx2.Response:
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(path, content=body, headers=hook_headers(body, resource) | more)

    async def figures(self) -> dict[str, float]:
        text = (await self.client.get("/metrics")).text
        lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in lines}

    async def ready(self) -> dict[str, Any]:
        return (await self.client.get("/health/ready")).json()


@asynccontextmanager
async def running(settings: Settings, responders: Responders | None = None) -> AsyncGenerator[Running]:
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = make_server(settings, ready=listening.set_result, responders=responders)
    async with run_server(server):
        url = await listening
        async with httpx2.AsyncClient(base_url=url, timeout=10) as client:
            yield Running(url, client, settings)


@dataclass
class Store:
    """A look into Redis."""

    client: Any

    def ids(self) -> list[str]:
        return [found.decode() for found in self.client.zrange("{vedette}:deliveries", 0, -1)]

    def delivery(self, identifier: str) -> dict[str, bytes]:
        found = self.client.hgetall("{vedette}:delivery:" + identifier)
        fields = fields_of({name.decode(): value for name, value in found.items()})
        return {name: value for name, value in fields.items() if name not in _ONLY_PACKED}

    def queued(self) -> list[str]:
        return [found.decode() for found in self.client.lrange("{vedette}:queue:fan_out", 0, -1)]


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.02)
