"""Defines the addresses under which the console is reached, and the requests that are made to them."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

_LOOPBACK_NAMES = frozenset({"localhost"})


@dataclass(frozen=True)
class ConsoleAddress:
    """The address of the console, as people have it in their browsers."""

    url: str
    """Without a trailing slash; with a path where the console is below one."""

    @property
    def prefix(self) -> str:
        """The path that it is below; empty for none."""
        return urlsplit(self.url).path

    @property
    def origin(self) -> str:
        """Scheme, host and port, as browsers send them in `Origin`."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def is_secure(self) -> bool:
        """Return whether it is reached by HTTPS."""
        return self.url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the session's cookie. Over HTTP it has the port, since browsers share cookies between ports."""
        return "__Host-vedette" if self.is_secure else f"vedette-{urlsplit(self.url).port or 80}"

    def is_host(self, host: str) -> bool:
        """Return whether a `Host` header names the console or this machine."""
        return host.lower() == urlsplit(self.url).netloc.lower() or is_loopback(host)

    def is_origin(self, origin: str, host: str) -> bool:
        """Return whether an `Origin` header is the console's own.

        Args:
            origin: The header.
            host: The request's `Host`, which was checked.
        """
        if origin.lower() == self.origin:
            return True
        return is_loopback(host) and origin.lower() == f"http://{host.lower()}"


def is_loopback(host: str) -> bool:
    """Return whether a `Host` header is a name of this machine's loopback interface, with any port."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        urlsplit(f"//{host}").port  # noqa: B018 - raises where it is no number
    except ValueError:
        return False
    if "@" in host or "/" in host or "\\" in host:
        return False
    if name in _LOOPBACK_NAMES:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
