"""Where this Vedette lives: which Redis, which receiver, which secret; for every command that talks to a running one.

The demonstration keeps its own folder inside the state directory, so that it never mixes with real deliveries.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from vedette.settings import DEFAULT_INTEGRATION, Settings, SettingsError
from vedette.settings_errors import missing_setting
from vedette.store.embedded import socket_url

DEMONSTRATION_ORGANIZATION = "harbour-shop"
_SECRET_FILE = "client-secret"  # noqa: S105 - a file's name


@dataclass(frozen=True)
class Place:
    """One Vedette, as seen from the command line."""

    settings: Settings
    state_dir: Path
    redis_url: str
    is_embedded: bool
    """Whether the server is one that `vedette up` starts."""

    @property
    def receiver_url(self) -> str:
        """Where the receiver listens, as reached from this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.settings.host, self.settings.host)  # noqa: S104 - read
        return f"http://[{host}]:{self.settings.port}" if ":" in host else f"http://{host}:{self.settings.port}"

    def client_secret(self, integration: str = DEFAULT_INTEGRATION) -> str:
        """Return the secret that signs for an integration.

        Raises:
            SettingsError: When there is none.
        """
        if self.settings.is_demonstration:
            path = self.state_dir / _SECRET_FILE
            if integration == DEFAULT_INTEGRATION and path.exists():
                return path.read_text(encoding="ascii")
        if integration not in self.settings.integrations:
            raise SettingsError((missing_setting(f"integrations.{integration}.client_secret"),))
        return self.settings.integrations[integration].client_secret[0].get_secret_value()


def find_place(settings: Settings) -> Place:
    """Return where the Vedette of these settings lives."""
    state_dir = settings.state_dir / "demonstration" if settings.is_demonstration else settings.state_dir
    if settings.redis_url is None:
        return Place(settings, state_dir, socket_url(state_dir), is_embedded=True)
    return Place(settings, state_dir, settings.redis_url.get_secret_value(), is_embedded=False)


def make_demonstration_secret(state_dir: Path) -> str:
    """Return the demonstration's client secret, made once, in a file that only this user can read.

    It opens nothing but the demonstration: with an integration configured it is never looked at.
    """
    path = state_dir / _SECRET_FILE
    if not path.exists():
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii")
