"""A console on a real socket, with people of each role who have signed in."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from console.web.container import ConsoleServices
from console.web.process import ConsoleServer, make_console_server
from vedette.settings.settings import Settings
from vedette.store.access.audit_log import Audit, AuditEntry
from vedette.store.console.account import ROLES, Account, Role
from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis

SECRET = "a-client-secret-that-is-long-enough"


@dataclass
class RunningConsole:
    """A console that listens, and the cookies of its people."""

    url: str
    server: ConsoleServer
    redis: RedisClient
    http: httpx2.AsyncClient
    sessions: Mapping[Role, str] = field(default_factory=dict[Role, str])
    """Role -> the secret of a session."""

    @property
    def services(self) -> ConsoleServices:
        return self.server.services

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def cookie(self) -> str:
        return f"vedette-{self.port}"

    def headers(self, role: Role | None = "operator", **further: str) -> dict[str, str]:
        """The headers of a browser with a page of the console."""
        cookie = {"Cookie": f"{self.cookie}={self.sessions[role]}"} if role else {}
        return {"Sec-Fetch-Site": "same-origin", "Origin": self.url, **cookie, **further}

    async def get(self, path: str, role: Role | None = "operator", **headers: str) -> httpx2.Response:
        return await self.http.get(path, headers=self.headers(role, **headers))

    async def post(
        self, path: str, data: Mapping[str, Any] | None = None, role: Role | None = "operator", **headers: str
    ) -> httpx2.Response:
        return await self.http.post(path, data=dict(data or {}), headers=self.headers(role, **headers))

    async def entries(self) -> list[AuditEntry]:
        """The audit, the oldest first."""
        return [entry async for entry in Audit(self.redis, 3600).oldest()]


def make_settings(redis_url: str, **further: Any) -> Settings:
    """Settings of an installation with one integration."""
    integration = {"client_secret": SECRET, "token": "sntryi_" + "a" * 64, "organization": "acme"}
    # Nothing listens there, so that no test leaves this machine.
    integration["sentry_url"] = further.pop("sentry_url", "http://127.0.0.1:9")
    console = {"port": 0, **further.pop("console", {})}
    values = {"integrations": {"default": integration}, "redis_url": redis_url, "console": console, **further}
    return Settings.model_validate(values)


@asynccontextmanager
async def running_console(settings: Settings) -> AsyncGenerator[RunningConsole]:
    """Serve a console in this process until the context ends."""
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = make_console_server(settings, ready=listening.set_result)
    serving = asyncio.create_task(server.serve())
    url = await asyncio.wait_for(listening, 60)
    assert settings.redis_url is not None
    redis = open_redis(settings.redis_url.get_secret_value())
    sessions: dict[Role, str] = {}
    for role in ROLES:
        sessions[role] = await server.services.sessions.create(Account(f"a {role}", role), "link")
    limits = httpx2.Limits(max_keepalive_connections=0)
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60, limits=limits) as http:
        yield RunningConsole(url, server, redis, http, sessions)
    server.should_exit = True
    await serving
    await redis.aclose()


class EventReader:
    """The events of a stream, read one after the other."""

    def __init__(self, response: httpx2.Response) -> None:
        self._lines = response.aiter_lines()
        self._name = self._identifier = ""

    async def next(self, wanted: str) -> tuple[str, dict[str, Any]]:
        """Return the id and the data of the next event of a name."""
        async for line in self._lines:
            key, _, value = line.partition(": ")
            if key == "id":
                self._identifier = value
            elif key == "event":
                self._name = value
            elif key == "data" and self._name == wanted:
                return self._identifier, json.loads(value)
        raise AssertionError(f"the stream ended without {wanted}")

    async def rows(self, wanted: set[str]) -> tuple[str, dict[str, str]]:
        """Read rows until all of some deliveries have come; return the last id, and the last row of each."""
        rows: dict[str, str] = {}
        identifier = ""
        while not wanted <= rows.keys():
            identifier, facts = await self.next("rows")
            rows |= facts["rows"]
        return identifier, rows
