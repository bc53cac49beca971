"""The client: one object per organization, with all groups of operations as attributes.

It takes any transport, so that the code that gives it to a handler decides which calls are allowed.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from vedette.api.cache import Memory
from vedette.api.call import Answer, Call, CallOptions, Ceiling, Lane, Transport
from vedette.api.rate_limits.limiter import LimiterRedis
from vedette.api.resources._caller import ApiCaller
from vedette.api.resources.alerts import Alerts
from vedette.api.resources.apps import Apps
from vedette.api.resources.auth import Auth
from vedette.api.resources.dashboards import Dashboards
from vedette.api.resources.events import Events
from vedette.api.resources.issues import Issues
from vedette.api.resources.members import Members
from vedette.api.resources.monitors import Monitors, Uptime
from vedette.api.resources.organizations import Organizations
from vedette.api.resources.project_ownership import Projects
from vedette.api.resources.releases import Releases
from vedette.api.resources.teams import Teams
from vedette.api.resources.traces import Traces
from vedette.api.server_record import Server
from vedette.api.transport.http import HttpOptions
from vedette.api.transport.regions import SENTRY
from vedette.api.transport.retries import RetryPolicy
from vedette.api.transport.stack import SentryConnection


class Sentry:
    """Sentry's Web API, as one organization's token sees it.

    Use it as an async context manager, or call `aclose`. A transport that is handed in stays its owner's to close.
    """

    issues: Issues
    events: Events
    projects: Projects
    organizations: Organizations
    teams: Teams
    releases: Releases
    members: Members
    alerts: Alerts
    monitors: Monitors
    uptime: Uptime
    dashboards: Dashboards
    traces: Traces
    apps: Apps
    auth: Auth

    def __init__(
        self,
        *,
        organization: str,
        token: SecretStr | str | None = None,
        base_url: str = SENTRY,
        lane: Lane = Lane.WEBHOOK,
        transport: Transport | None = None,
        options: HttpOptions | None = None,
        retries: RetryPolicy | None = None,
        redis: LimiterRedis | None = None,
        memory: Memory | None = None,
        server: Callable[[], Server] | None = None,
        call_options: CallOptions | None = None,
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            organization: Its slug or id.
            token: Of an internal integration, a person or an organization. Not needed with a transport.
            base_url: Sentry's address.
            lane: The priority of its calls at the rate limit.
            transport: Takes the calls instead of the network.
            options: Timeouts, connections, proxy, own certificate authority.
            retries: When failed calls are sent again.
            redis: An asynchronous client of the Redis where processes share Sentry's limit.
            memory: Shared with other clients of the organization.
            server: Returns the known differences of the server; not needed without a transport.
            call_options: Properties that each call of the client gets; `view` changes them.

        Raises:
            UnusableTokenError: the token cannot work.
            ValueError: the address is not a URL, or neither token nor transport is given.
        """
        if not organization:
            raise ValueError(
                "The organization's slug is missing: it is the word after /organizations/ in Sentry's URLs."
            )
        if transport is None and token is None:
            raise ValueError("Give a token, or a transport that has one.")
        self._own: SentryConnection | None = None
        if transport is None and token is not None:
            transport = self._own = SentryConnection(
                organization=organization, token=token, base_url=base_url, options=options, retries=retries, redis=redis
            )
            server = self._own.server
        assert transport is not None
        core = ApiCaller(transport, organization, lane, memory or Memory(), call_options or CallOptions())
        self._set(core if server is None else replace(core, server=server))

    def _set(self, core: ApiCaller) -> None:
        self._core = core
        self.issues = Issues(core)
        self.events = Events(core)
        self.projects = Projects(core)
        self.organizations = Organizations(core)
        self.teams = Teams(core)
        self.releases = Releases(core)
        self.members = Members(core)
        self.alerts = Alerts(core)
        self.monitors = Monitors(core)
        self.uptime = Uptime(core)
        self.dashboards = Dashboards(core)
        self.traces = Traces(core)
        self.apps = Apps(core)
        self.auth = Auth(core)

    @property
    def organization(self) -> str:
        """Slug or id of the organization."""
        return self._core.organization

    @property
    def server(self) -> Server:
        """The differences of the server that were seen so far; `print(sentry.server)` shows them in a sentence."""
        return replace(self._core.server(), dropped=frozenset(self._core.memory.dropped))

    @property
    def transport(self) -> Transport:
        """The transport that takes the calls, to be wrapped in a further layer."""
        return self._core.transport

    def view(
        self,
        *,
        lane: Lane | None = None,
        fresh: Collection[str] | None = None,
        transport: Transport | None = None,
        because: str | None = None,
        ceiling: Ceiling | None = None,
    ) -> "Sentry":
        """Return the same client with other properties; those that are not given are unchanged.

        Args:
            lane: The priority of its calls at the rate limit.
            fresh: Ids of issues to wait for.
            transport: Layers around its transport.
            because: The part of the caller that makes the calls; the audit shows it beside the event.
            ceiling: The boldest mode in which its writes are treated; it can only make them more careful.
        """
        known = self._core.options
        return Sentry(
            organization=self.organization,
            lane=self._core.lane if lane is None else lane,
            transport=transport or self._core.transport,
            memory=self._core.memory,
            server=self._core.server,
            call_options=CallOptions(
                fresh=known.fresh if fresh is None else frozenset(fresh),
                because=known.because if because is None else because,
                ceiling=known.ceiling if ceiling is None else ceiling,
            ),
        )

    async def send(self, call: Call) -> Answer:
        """Send a call of one's own making, past the typed methods but through the same transport."""
        return await self._core.send(call)

    async def aclose(self) -> None:
        """Close the connections that this client made."""
        if self._own is not None:
            await self._own.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<Sentry {self.organization}>"
