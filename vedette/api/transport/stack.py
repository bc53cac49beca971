"""The connection to one organization of Sentry, assembled from its layers; shared by all clients of a process.

From the outside in: check of the token (in workers) -> retries -> record of the server -> reports of deprecated routes
-> rate limit -> region -> network. Grants, modes and the audit go in front of it.
"""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from pydantic import SecretStr

from vedette.api.call import Answer, Call, Transport
from vedette.api.rate_limits import LimitedTransport, Limiter
from vedette.api.rate_limits.limiter import LimiterRedis
from vedette.api.server_record import Server, ServerTransport, record_of
from vedette.api.tokens import Credential, credential
from vedette.api.transport.deprecations import DeprecationTransport
from vedette.api.transport.http import HttpOptions, HttpTransport, check_base_url
from vedette.api.transport.regions import RegionalTransport, hosts
from vedette.api.transport.retries import RetryingTransport, RetryPolicy
from vedette.api.transport.token_guard import TokenGuard, TokenRefusal


class SentryConnection:
    """A transport with all layers. Use it as an async context manager, or call `aclose`."""

    def __init__(
        self,
        *,
        organization: str,
        token: SecretStr | str,
        base_url: str,
        options: HttpOptions | None = None,
        retries: RetryPolicy | None = None,
        redis: LimiterRedis | None = None,
        on_refused: Callable[[TokenRefusal], Awaitable[None]] | None = None,
    ) -> None:
        """Put it together; nothing is sent yet.

        Args:
            organization: Slug or id.
            token: Of an internal integration, a person or an organization; or a DSN.
            base_url: Sentry's address.
            options: Timeouts, connections, proxy, own certificate authority.
            retries: When failed calls are sent again.
            redis: Where processes share the limit; without it only Sentry's 429 slows calls down.
            on_refused: Called when Sentry refuses the token itself, which is then sent no more; without it, each 401 is
                an error of its call alone.

        Raises:
            UnusableTokenError: the token cannot work.
            ValueError: the address is none.
        """
        self._credential = credential(token)
        self.fingerprint = self._credential.fingerprint
        """A value by which processes recognise the same token."""
        self._options = options
        self._hosts: list[HttpTransport] = []
        base_url = check_base_url(base_url)
        inner: Transport = RegionalTransport(organization, hosts(base_url, self._credential.region_url), self._host)
        policy = retries or RetryPolicy()
        self._limited: LimitedTransport | None = None
        if redis is not None:
            limiter = Limiter(redis, account(base_url, organization, self._credential))
            inner = self._limited = LimitedTransport(inner, limiter, longest_wait=policy.patience)
        self._record = record_of(base_url)
        outer = RetryingTransport(ServerTransport(DeprecationTransport(inner), self._record), policy)
        self.guard = None if on_refused is None else TokenGuard(outer, on_refused)
        """The check of the token; None if not requested."""
        self._outer: Transport = self.guard or outer

    def _host(self, url: str) -> HttpTransport:
        transport = HttpTransport(url, self._credential, options=self._options)
        self._hosts.append(transport)
        return transport

    def server(self) -> Server:
        """Return the differences of the server that its answers have shown so far."""
        return self._record.shown()

    async def send(self, call: Call) -> Answer:
        """Answer the call, or raise a `SentryError`."""
        return await self._outer.send(call)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._limited is not None:
            await self._limited.aclose()
        for host in self._hosts:
            await host.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<SentryConnection {', '.join(host.base_url for host in self._hosts)} {self._credential.kind}>"


def account(base_url: str, organization: str, credential: Credential) -> str:
    """Return the account that Sentry counts: an organization for all integrations, other tokens by their kind."""
    host = urlsplit(base_url).netloc
    host = "sentry.io" if host.endswith(".sentry.io") else host
    return f"{host}/{organization}/{credential.kind}"
