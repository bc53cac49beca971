"""A worker says at its start in one line what its handlers cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr
from structlog.testing import capture_logs

from tests.vedette.checks.installation import MovedClock, installed
from vedette.access.client_factory import connect
from vedette.permissions.grants import Grant
from vedette.plugins.handler import Handler
from vedette.plugins.registry import Registry
from vedette.simulator.world import builders
from workers.observability.access_report import AccessReport

if TYPE_CHECKING:
    from pathlib import Path

    from vedette.events import Event


async def work(event: Event) -> None:
    del event


def handler(name: str, needs: tuple[str, ...], grant: tuple[str, ...]) -> Handler:
    return Handler(name, work, ("issue.created",), "tests", "act", ("event",), needs=needs, grant=Grant(grant))


async def test_it_names_the_handlers_and_what_each_lacks_in_one_line(redis_url: str, tmp_path: Path) -> None:
    async with installed(redis_url, tmp_path, MovedClock()) as town:
        token = builders.add_token(town.world, "internal", ("event:read", "org:read"), integration=town.app)
        integration = town.settings.integrations["default"]
        registry = Registry(frozenset())
        registry.add([handler("close", ("event:write",), ("event:write",)), handler("look", ("event:read",), ())])
        for secret, lines in (
            (token.secret, ["close: the token lacks event:write; look: its grant lacks event:read"]),
            (town.token.secret, ["look: its grant lacks event:read"]),
        ):
            settings = integration.model_copy(update={"token": SecretStr(secret)})
            await town.client.delete("{vedette}:token:default")
            connection = connect("default", settings, town.client)
            with capture_logs() as logs:
                await AccessReport(registry, lambda found=connection: [found]).report()
            await connection.transport.aclose()
            assert [log["handlers"] for log in logs if "handlers" in log] == lines
