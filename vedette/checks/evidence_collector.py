"""Collects the evidence of one integration, from Sentry, Redis and the public URL, all at the same time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar
from urllib.parse import urlsplit

from vedette.access.token_scopes import known_scopes
from vedette.api import Lane, Sentry, Transport, credential
from vedette.checks.demand import Demand
from vedette.checks.door_evidence import read_door, read_server_version
from vedette.checks.evidence import (
    ALERT_RESOURCES,
    DoorEvidence,
    IntegrationEvidence,
    TokenEvidence,
    UrlEvidence,
)
from vedette.checks.sentry_evidence import SentryQuestions
from vedette.checks.url_probe import leads_to_private_address, probe_url
from vedette.reconcile.arrivals import arrived
from vedette.settings.settings import IntegrationSettings
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import token_key

WINDOW: Final = 900.0
"""Seconds of births that are compared with arrivals."""
GRACE: Final = 180.0
"""Seconds that a webhook may take before it counts as missing: Sentry's queue, our spool."""
_SAAS: Final = "sentry.io"
_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class EvidenceCollector:
    """The collector of one integration."""

    client: RedisClient
    integration: str
    settings: IntegrationSettings
    """With token and organization."""
    transport: Transport
    """The connection to Sentry, past the gate: the questions are an operator's, and change nothing."""
    clock: Callable[[], float] = field(default_factory=lambda: time.time)
    lane: Lane = Lane.WEBHOOK

    async def collect(self, demand: Demand, *, is_cheap: bool) -> IntegrationEvidence:
        """Return the evidence of this moment.

        Args:
            demand: The needs of handlers and agents; what none of them needs is not asked for.
            is_cheap: Leave out the token's scopes, unless they are known, and the public URL.

        Raises:
            redis.exceptions.RedisError: Redis gives no answer.
        """
        now, settings = self.clock(), self.settings
        assert settings.token is not None
        assert settings.organization is not None
        ask = SentryQuestions(Sentry(organization=settings.organization, transport=self.transport, lane=self.lane))
        kind = str(credential(settings.token).kind)
        door = await read_door(self.client, self.integration)

        async def ours(issues: Sequence[str]) -> frozenset[str]:
            return await arrived(self.client, self.integration, issues)

        since = max(now - WINDOW, min(_watched_since(door, now), now - GRACE))
        token, app, births = await asyncio.gather(
            self._known_token(kind) if is_cheap else ask.token(kind),
            ask.app(settings.app, settings.public_url),
            ask.births(since, now - GRACE, ours),
        )
        wants_about = not is_cheap or demand.wants(("error",))
        about, log, alerts, url = await asyncio.gather(
            _if(ask.about if wants_about else None),
            _if(partial(ask.log, app.app.slug, now) if app.app else None),
            _if(
                partial(ask.alerts, app.app, is_only=len(app.candidates) == 1)
                if app.app and demand.wants(ALERT_RESOURCES)
                else None
            ),
            _if(None if is_cheap else partial(self._url, app.app.webhook_url if app.app else None)),
        )
        is_saas = _is_saas(settings.sentry_url)
        address = settings.public_url or (app.app.webhook_url if app.app else None)
        return IntegrationEvidence(
            self.integration,
            now,
            settings.organization,
            settings.sentry_url,
            demand,
            public_url=settings.public_url,
            is_saas=is_saas,
            is_private=address is not None and await leads_to_private_address(address),
            server_version=await read_server_version(self.client, self.integration),
            token=token,
            app=app,
            log=log,
            births=births,
            door=door,
            url=url,
            about=about,
            alerts=alerts,
        )

    async def _known_token(self, kind: str) -> TokenEvidence:
        return TokenEvidence(kind, await known_scopes(self.client, token_key(self.integration)))

    async def _url(self, in_sentry: str | None) -> UrlEvidence | None:
        url = self.settings.public_url or in_sentry
        return None if url is None else await probe_url(url)


async def _if(ask: Callable[[], Awaitable[_Part]] | None) -> _Part | None:
    """Ask a question; None instead of one answers None."""
    return None if ask is None else await ask()


def _watched_since(door: DoorEvidence, now: float) -> float:
    """Return since when a receiver has listened, as far as a day back; nothing can have arrived before."""
    return min((one.started / 1000 for one in door.receivers), default=now)


def _is_saas(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".")
    return host == _SAAS or host.endswith(f".{_SAAS}")
