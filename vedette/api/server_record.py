"""The record of routes that a server lacks, and the layer that fills it.

Self-hosted servers span years. A route that one does not have answers 404 without a text: that is reported as such, is
not retried, and is cached for an hour, so that it is not requested again for each issue.
"""

from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from cachetools import TTLCache

from vedette._core.json_values import json_object
from vedette.api.call import Answer, Call, Transport
from vedette.api.differences import BY_ROUTE, DIFFERENCES, Difference, route_of
from vedette.api.errors import BadRequest, Forbidden, NotFound, RouteMissing
from vedette.api.scopes import expand, read_scopes

_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Server:
    """One server, as far as its answers have shown it to this process."""

    host: str = ""
    """Its address without the scheme."""
    lacks: tuple[str, ...] = ()
    """Routes that were not there within the last hour, of those that the table knows as missing somewhere; sorted."""
    dropped: frozenset[str] = frozenset()
    """Fields of issues that it accepted and did not take."""
    only_project_ids: bool = False
    """True if it refused a project's slug in a query."""

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The rows of the table that this server was seen to be older than."""
        return tuple(row for row in DIFFERENCES if self._shows(row))

    def _shows(self, row: Difference) -> bool:
        return (
            not row.routes.isdisjoint(self.lacks)
            or (row.name == "projects in queries" and self.only_project_ids)
            or (row.name in self.dropped)
        )

    def __str__(self) -> str:
        rows = [f"{row.name}: {row.older} (as Sentry {', '.join(row.seen_in)})" for row in self.differences]
        return f"{self.host}: " + ("; ".join(rows) or "no difference from sentry.io seen so far")


@dataclass(slots=True)
class ServerRecord:
    """The record of one server, filled from its answers."""

    host: str
    missing: TTLCache[str, bool] = field(default_factory=lambda: TTLCache[str, bool](200, ttl=_HOUR), repr=False)
    """Routes that were not there, of those that the table knows as missing somewhere."""
    only_project_ids: bool = False
    scopes: frozenset[str] | None = None
    """The scopes of the token, when this process last read them."""

    @property
    def is_saas(self) -> bool:
        """True for sentry.io, which has one version: the newest."""
        host = self.host.partition(":")[0]
        return host == "sentry.io" or host.endswith(".sentry.io")

    def shown(self) -> Server:
        """Return the differences that were seen so far."""
        lacks = tuple(sorted(route for route in BY_ROUTE if self.missing.get(route)))
        return Server(self.host, lacks, only_project_ids=self.only_project_ids)

    def saw(self, call: Call, answer: Answer) -> None:
        """Note that a call was answered."""
        if call.operation.name == "auth.whoami":
            body: object = answer.body
            auth = json_object(body).get("auth")
            self.scopes = expand(read_scopes(auth)) or None


@dataclass(frozen=True, slots=True)
class ServerTransport:
    """A layer that records differences of the server from its answers, and applies them."""

    inner: Transport
    server: ServerRecord

    async def send(self, call: Call) -> Answer:
        """Answer the call.

        Raises:
            RouteMissing: the server has no such route; for an hour it is not requested again.
        """
        route = route_of(call.operation.name, call.parameters)
        if self.server.missing.get(route):
            return await self._older(call, None)
        try:
            answer = await self.inner.send(call)
        except NotFound as error:
            if error.detail.text or self.server.is_saas:
                raise
            if route in BY_ROUTE:
                self.server.missing[route] = True
            return await self._older(call, error)
        except BadRequest as error:
            if error.wants_project_ids:
                self.server.only_project_ids = True
            raise
        except Forbidden as error:
            error.held = self.server.scopes
            raise
        self.server.saw(call, answer)
        return answer

    async def _older(self, call: Call, error: NotFound | None) -> Answer:
        """Send the call to the path of older servers, if there is one."""
        operation = call.operation
        if operation.older_path is not None:
            return await self.inner.send(replace(call, operation=replace(operation, path=operation.older_path)))
        raise RouteMissing(call, status=404, host=self.server.host, sent=error is not None) from error


def record_of(base_url: str) -> ServerRecord:
    """Return an empty record of a server."""
    return ServerRecord(urlsplit(base_url).netloc)
