"""Regions: the host of an organization, found once and cached.

sentry.io passes calls on to the organization's region, which costs a detour on every call; a self-hosted Sentry is one
host. The token is sent to addresses under sentry.io alone, whatever an answer names as the region.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from vedette.api.call import Answer, Call, Transport
from vedette.api.errors import Forbidden, NotFound, UnreadableAnswer
from vedette.api.log import client_log
from vedette.api.operations import OPERATIONS
from vedette.api.response_parsing import as_object

SENTRY: Final = "https://sentry.io"
_DOMAIN: Final = "sentry.io"
KNOWN_REGIONS: Final = frozenset({"us.sentry.io", "us2.sentry.io", "de.sentry.io"})


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts that are known before any request."""

    control: str
    """For operations that live on the main host alone."""
    region: str | None
    """For all others; None: to be found."""


def hosts(base_url: str, region_url: str | None = None) -> Hosts:
    """Return the hosts by Sentry's address, and by the region in an organization token, if there is one."""
    host = urlsplit(base_url).hostname or ""
    if host in KNOWN_REGIONS:
        return Hosts(SENTRY, base_url)
    if host == _DOMAIN or host.endswith(f".{_DOMAIN}"):
        # ORGANIZATION.sentry.io is the web pages' form of the main host.
        return Hosts(SENTRY, region_url if region_url and trusted(region_url) else None)
    return Hosts(base_url, base_url)


def trusted(url: str) -> bool:
    """Return whether the token may be sent there: https, and sentry.io or a host under it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return (
        parts.scheme == "https" and plain and port in {None, 443} and (host == _DOMAIN or host.endswith(f".{_DOMAIN}"))
    )


class RegionalTransport:
    """A layer that sends each call to the main host or to the region's."""

    def __init__(
        self,
        organization: str,
        hosts: Hosts,
        make: Callable[[str], Transport],
        *,
        trust: Callable[[str], bool] = trusted,
    ) -> None:
        """Prepare; the region is looked for with the first call that needs it.

        Args:
            organization: Slug or id.
            hosts: The hosts that are known.
            make: Makes the transport to a host.
            trust: Whether the token may go to a host that an answer named.
        """
        self._organization = organization
        self._make = make
        self._trust = trust
        self._control = make(hosts.control)
        self._region = self._control if hosts.region == hosts.control else make(hosts.region) if hosts.region else None
        self._lock = asyncio.Lock()

    async def send(self, call: Call) -> Answer:
        """Answer the call from the right host."""
        if call.operation.host == "control":
            return await self._control.send(call)
        if self._region is None:
            async with self._lock:
                if self._region is None:
                    self._region = await self._find(call)
        return await self._region.send(call)

    async def _find(self, call: Call) -> Transport:
        """Return the transport to the region; to the main host if the answer is missing or not trusted."""
        log = client_log()
        for name in ("organizations.region", "organizations.get"):
            try:
                url = await self._ask(name, call)
            except (Forbidden, NotFound, UnreadableAnswer):
                continue
            if url and self._trust(url):
                log.info("sentry's region found", organization=self._organization, region=url)
                return self._make(url)
            if url:
                log.warning("sentry named a region that the token is not sent to", region=urlsplit(url).hostname)
        log.info("sentry's region is not known, calls go by the main host", organization=self._organization)
        return self._control

    async def _ask(self, name: str, call: Call) -> str | None:
        operation = OPERATIONS[name]
        asked = Call(
            operation,
            {"organization_id_or_slug": self._organization},
            query=(("detailed", "0"),) if name == "organizations.get" else (),
            lane=call.lane,
        )
        body = as_object(asked, await self._control.send(asked))
        links: Any = body.get("links") or {}
        url: object = body.get("url") if name == "organizations.region" else links.get("regionUrl")
        return url.rstrip("/") if isinstance(url, str) and url else None
