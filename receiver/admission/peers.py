"""Names the peer that a connection counts for, so that one address cannot take everything for itself.

Behind a reverse proxy all connections come from the proxy's address, so loopback and the configured proxies have no
share of their own: only the bounds over all count for them.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

WITHOUT_SHARE = ""
"""The name of all peers that only the bounds over all count for."""
_REMEMBERED = 4096
_IPV6_SITE = 64
"""Whoever has one IPv6 address usually has all that share its first 64 bits."""


class Peers:
    """Tells peers apart by address; an IPv6 peer is its /64 network."""

    def __init__(self, proxies: Iterable[Network] = ()) -> None:
        """Describe them.

        Args:
            proxies: Networks of proxies in front, which speak for many senders; loopback always counts as one.
        """
        self._proxies = tuple(proxies)
        self.name_of = lru_cache(_REMEMBERED)(self._name_of)

    def _name_of(self, host: str | None) -> str:
        """Return the name under which `host` is counted; `WITHOUT_SHARE` for proxies and unix sockets."""
        if not host:
            return WITHOUT_SHARE
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return host
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if address.is_loopback or any(address in network for network in self._proxies):
            return WITHOUT_SHARE
        if isinstance(address, IPv6Address):
            return str(IPv6Network((address, _IPV6_SITE), strict=False))
        return str(address)
