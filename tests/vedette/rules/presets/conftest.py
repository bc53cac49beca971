"""A simulated Sentry whose webhooks go through the real triage handler with the ready-made rules of one name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest
from starlette.types import Receive, Scope, Send

from handlers.triage import triage
from vedette.events import Event, parse
from vedette.events.kinds.schedule import SCHEDULE, schedule_payload
from vedette.plugins.provided_objects import ProvidedObjects
from vedette.plugins.providers import Providers
from vedette.rules.presets import ready_rules
from vedette.settings.settings import IntegrationSettings
from vedette.simulator import RateLimits, World, create_app
from vedette.simulator.demo.shop import build_shop
from vedette.simulator.options import TOKEN_SCOPES
from vedette.simulator.webhooks.webhook import Webhook
from vedette.simulator.world import builders
from vedette.simulator.world.actors import Actor
from vedette.simulator.world.incidents import record_error
from vedette.simulator.world.integrations import Integration
from vedette.simulator.world.issues import ErrorReport, Issue
from vedette.testing.delivery import Delivered, deliver_to, handler_of
from vedette.testing.servers import served


@dataclass
class Shop:
    """The web shop, and what its webhooks lead to."""

    world: World
    asked: list[str]
    own: Integration
    integration: IntegrationSettings
    redis_url: str
    folder: Path
    heard: list[Webhook] = field(default_factory=list[Webhook])

    def report(self, project: str = "storefront", **report: Any) -> Issue:
        """Let an error happen."""
        of = self.world.project_by_slug[project]
        values: dict[str, Any] = {
            "type": "Error",
            "value": "boom",
            "platform": of.platform,
            "fingerprint": str(report),
            **report,
        }
        event = record_error(self.world, of, ErrorReport(**values))
        assert event is not None
        return event.issue

    @property
    def person(self) -> Actor:
        """A person of the shop."""
        return Actor(user=next(iter(self.world.users.values())))

    def hear(self, act: Callable[[], object], name: str) -> tuple[Event, Issue]:
        """The event of that name that something leads to, and its issue."""
        self.heard.clear()
        act()
        webhook = next(one for one in self.heard if f"{one.resource}.{one.action}" == name)
        event = parse(webhook.resource, webhook.body(self.own))
        return event, self.world.issues[int(event.issue_id or 0)]

    def due(self, schedule: str) -> Event:
        """The event that a handler's time has come."""
        return parse(SCHEDULE, schedule_payload("triage", "default", schedule, "UTC", self.world.clock()))

    async def triage(self, ready: str, event: Event, *changes: tuple[str, str]) -> tuple[Delivered, int]:
        """Let the handler work on an event by the ready-made rules; and how many calls Sentry counted."""
        file = self.folder / f"{ready}.toml"
        text = ready_rules(ready).text
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file.write_text(text)
        self.asked.clear()
        handler = handler_of(triage, "act", None, {"files": [file]}, Providers(None, {}))
        done = await deliver_to(handler, event, self.integration, self.redis_url, ProvidedObjects(5, {}), again=_never)
        assert done.error is None, done.error
        # What its token may do, a process asks once and not for each event.
        return done, len([one for one in self.asked if one != "GET /api/0/"])


def _never(reminder: object) -> NoReturn:
    pytest.fail(f"nothing was deferred, but {reminder} came")


@pytest.fixture
def shop(redis_url: str, tmp_path: Path) -> Iterator[Shop]:
    world = World("harbour-shop", seed=1)
    build_shop(world)
    own = builders.add_integration(world, scopes=TOKEN_SCOPES)
    token = builders.add_token(world, "internal", TOKEN_SCOPES, integration=own)
    app, asked = create_app(world, limits=RateLimits(manner="self-hosted")), list[str]()

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(f"{scope['method']} {scope['path']}")
        await app(scope, receive, send)

    with served(counted) as url:
        values = {"client_secret": own.client_secret, "token": token.secret, "organization": world.organization_slug}
        integration = IntegrationSettings.model_validate({**values, "sentry_url": url})
        found = Shop(world, asked, own, integration, redis_url, tmp_path)
        world.listeners.append(found.heard.append)
        yield found
