"""Defines the settings of the web console, the table `[console]`."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

from vedette.settings.address_types import HostName
from vedette.settings.number_types import Port


def _check_console_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
        fits = fits and not parts.query and not parts.fragment and parts.port != 0
        fits = fits and re.fullmatch(r"(/[A-Za-z0-9._~\-]+)*/?", parts.path) is not None and "/." not in parts.path
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("should be the console's address, such as https://ops.example.org/vedette")
    return value.rstrip("/")


ConsoleUrl = Annotated[str, AfterValidator(_check_console_url)]
"""The address of the console, with a path where it is below one, and without a trailing slash."""


class ConsoleSettings(BaseModel):
    """The address of the web console, and what its roles may see."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: HostName = "127.0.0.1"
    """The address that it listens on."""
    port: Port = 8651
    """The port that it listens on; 0 for a free one."""
    url: ConsoleUrl | None = None
    """The address by which people reach it through a reverse proxy; with a path where it is below one."""
    bodies: bool = False
    """Return whether viewers see headers and bodies of deliveries, which hold personal data of end users."""

    @property
    def local_url(self) -> str:
        """The address by which it is reached from this machine, without a trailing slash."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read, not listened on
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
