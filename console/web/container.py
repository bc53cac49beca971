"""Builds the console's services from settings; each is made here once, with its dependencies as arguments."""

from contextlib import suppress
from typing import Any

import structlog

from console.instance import Instance
from console.web.address import ConsoleAddress
from console.web.bulk_runner import BulkRunner
from console.web.live.hub import LiveHub
from console.web.navigation import PAGES
from console.web.request_rates import RequestRates
from console.web.sign_in.pages import ways_of
from console.web.sign_in.proxy import ProxySignIn
from console.web.sign_in.signed_tokens import require_packages
from console.web.templates import make_environment
from console.web.workbench.recent_subjects import RecentSubjects
from vedette.admin.session import AdminSession
from vedette.http_server.background_tasks import BackgroundTasks
from vedette.store.console.api_tokens import ApiTokens
from vedette.store.console.sessions import Sessions
from vedette.store.console.sign_in_attempts import SignInAttempts
from vedette.store.console.sign_in_links import SignInLinks
from vedette.store.server.edition import claim_edition
from vedette.store.server.server_check import ServerUnreachableError, check_server, open_redis

_REDIS_TIMEOUT = 5.0
"""Seconds for an answer of Redis, after which a page says that there is none."""


class ConsoleServices:
    """The services of one console, apart from its pages."""

    def __init__(self, instance: Instance) -> None:
        """Build them; nothing is sent yet.

        Raises:
            NotInstalledError: The packages of a means of sign-in in the settings are missing.
        """
        self.instance = instance
        self.settings = instance.settings
        self.address = ConsoleAddress(instance.settings.console.url or instance.settings.console.local_url)
        """Under which it is reached; the server corrects the port where the settings leave it to the system."""
        self.redis = open_redis(instance.redis_url, timeout=_REDIS_TIMEOUT)
        self.links = SignInLinks(self.redis)
        self.sessions = Sessions(self.redis)
        self.tokens = ApiTokens(self.redis)
        self.attempts = SignInAttempts(self.redis)
        chosen = self.settings.console
        if chosen.oidc.issuer:
            require_packages()
        self.proxy = ProxySignIn(chosen.proxy) if chosen.proxy.header else None
        """Signs in by the reverse proxy's assertions; None where the settings have none."""
        self.environment = make_environment(lambda: self.address.prefix)
        names: dict[str, Any] = self.environment.globals
        names |= {"navigation": lambda: PAGES, "ways": lambda: ways_of(self)}
        self.live = LiveHub(self)
        self.rates = RequestRates()
        self.bulk = BulkRunner()
        self.recent = RecentSubjects()
        self._background = BackgroundTasks()

    def admin_session(self, by: str) -> AdminSession:
        """Return the session in which a person's queries and orders are carried out."""
        return AdminSession(by, self.redis, self.settings, self.instance.integration)

    async def start(self) -> None:
        """Check Redis and start the background tasks.

        Raises:
            UnsafeServerError: When Redis evicts acknowledged data, or may not be written to.
        """
        with suppress(ServerUnreachableError):
            await check_server(self.redis, self.instance.redis_url)
            await claim_edition(self.redis)
        self._background.start("live", self.live.run)
        structlog.get_logger().info("console is up")

    async def stop(self) -> None:
        """Stop the background tasks and close all connections."""
        self.live.close()
        await self.bulk.stop()
        await self._background.stop()
        await self.redis.aclose()
