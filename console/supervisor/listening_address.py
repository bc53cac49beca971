"""Checks the addresses that processes are to listen on, before any of them starts."""

import errno
import socket
from dataclasses import dataclass

from vedette._core.user_error import UserError
from vedette.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class ListeningAddress:
    """An address of the settings."""

    host: str
    port: int
    table: str = ""
    """The table of the settings file that holds `host` and `port`; empty for none."""

    def advice(self, name: str) -> str:
        """Return how to set another host or port."""
        variable = f"VEDETTE_{self.table.upper()}__{name.upper()}" if self.table else f"VEDETTE_{name.upper()}"
        place = f"`{name}` under [{self.table}]" if self.table else f"`{name}`"
        return f"set another with {variable} ({place} in the settings file)"


class UnusableAddressError(UserError):
    """A process cannot listen where the settings say."""

    exit_code = 2

    def __init__(self, address: ListeningAddress, error: OSError) -> None:
        self.address = address
        host, port = address.host, address.port
        elsewhere, other_host = address.advice("port"), address.advice("host")
        reasons = {
            errno.EADDRINUSE: f"Port {port} on {host} is taken: stop what uses it, or {elsewhere}",
            errno.EACCES: f"Port {port} is for root alone: let a reverse proxy listen there, or {elsewhere}",
            errno.EADDRNOTAVAIL: f"{host} is no address of this machine: {other_host}",
        }
        unknown = f"{host} cannot be listened on ({error.strerror or error}): {other_host}"
        super().__init__(unknown if error.errno is None else reasons.get(error.errno, unknown))


def addresses_of(settings: Settings, *, has_console: bool = True) -> list[ListeningAddress]:
    """Return the addresses that the processes of `vedette up` listen on."""
    receiver = ListeningAddress(settings.host, settings.port)
    gateway = ListeningAddress(settings.gateway.host, settings.gateway.port, "gateway")
    web = ListeningAddress(settings.console.host, settings.console.port, "console")
    return [receiver, *([gateway] if settings.agents else []), *([web] if has_console else [])]


def check_address(address: ListeningAddress) -> None:
    """Refuse an address that cannot be listened on.

    Raises:
        UnusableAddressError: It is taken, not ours, unknown, or needs a permission.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except (OSError, UnicodeError) as error:
            found = error if isinstance(error, OSError) else OSError(str(error))
            raise UnusableAddressError(address, found) from None
