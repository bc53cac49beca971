"""Reports of deprecated routes: Sentry announces their end in headers; each operation is logged once a day."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cachetools import TTLCache

from vedette.api.call import Answer, Call, Transport
from vedette.api.errors import SentryError
from vedette.api.log import client_log

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class DeprecationTransport:
    """A layer that reads the announced end of a route from its answers."""

    inner: Transport
    said: TTLCache[str, bool] = field(default_factory=lambda: TTLCache[str, bool](1000, ttl=_DAY))
    """Operations that were reported within a day; shared where a process has several clients."""

    async def send(self, call: Call) -> Answer:
        """Answer the call."""
        try:
            answer = await self.inner.send(call)
        except SentryError as error:
            self._look(call, error.headers)
            raise
        self._look(call, answer.headers)
        return answer

    def _look(self, call: Call, headers: Mapping[str, str]) -> None:
        operation, date = call.operation, headers.get("x-sentry-deprecation-date")
        if date is None or self.said.get(operation.name):
            return
        self.said[operation.name] = True
        client_log().warning(
            "sentry takes an operation away",
            operation=operation.name,
            path=operation.path,
            since=date,
            instead=headers.get("x-sentry-replacement-endpoint"),
            advice="From this date on it fails for a minute or two at a time; update Vedette.",
        )
