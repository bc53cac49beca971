"""Identifies the peer of a connection, so that one address cannot use up the limits of all.

Behind a reverse proxy all connections come from the proxy's address, so only the overall limits apply to loopback and
to the configured proxies.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

UNLIMITED_PEER = ""
"""The name of all peers to which only the overall limits apply."""
_REMEMBERED = 4096
_IPV6_SITE = 64
"""The prefix length of an IPv6 network that is usually assigned to one customer."""


class Peers:
    """A mapping of addresses to peers; an IPv6 peer is its /64 network."""

    def __init__(self, proxies: Iterable[Network] = ()) -> None:
        """Set the trusted proxies.

        Args:
            proxies: Networks of reverse proxies, which forward requests of many senders; loopback is always one.
        """
        self._proxies = tuple(proxies)
        self.identify = lru_cache(_REMEMBERED)(self._identify)

    def _identify(self, host: str | None) -> str:
        """Return the name of the peer; `UNLIMITED_PEER` for proxies and Unix sockets."""
        if not host:
            return UNLIMITED_PEER
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return host
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if address.is_loopback or any(address in network for network in self._proxies):
            return UNLIMITED_PEER
        if isinstance(address, IPv6Address):
            return str(IPv6Network((address, _IPV6_SITE), strict=False))
        return str(address)
