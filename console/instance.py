"""Locates a local Vedette instance for commands: its Redis, its receiver, its client secret.

The demonstration keeps its own folder inside the state directory, so that it never mixes with real deliveries.
"""

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from vedette.admin.names import UnknownNameError
from vedette.settings.problems import report_missing
from vedette.settings.settings import DEFAULT_INTEGRATION, IntegrationSettings, Settings, SettingsError
from vedette.store.server.embedded import socket_url

DEMONSTRATION_ORGANIZATION = "harbour-shop"
_SECRET_FILE = "client-secret"  # noqa: S105 - a file's name
_TOKEN_FILE = "token"  # noqa: S105 - a file's name
_URL_FILE = "sentry-url"
_RECEIVER_FILE = "receiver-url"


@dataclass(frozen=True)
class Instance:
    """One installation of Vedette on this machine."""

    settings: Settings
    state_dir: Path
    redis_url: str
    is_embedded: bool
    """Return whether the server is one that `vedette up` starts."""

    @property
    def receiver_url(self) -> str:
        """The receiver's URL, as reached from this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.settings.host, self.settings.host)  # noqa: S104 - read
        return f"http://[{host}]:{self.settings.port}" if ":" in host else f"http://{host}:{self.settings.port}"

    @property
    def noted_receiver_url(self) -> str:
        """The URL that the latest receiver on this folder has noted; the settings' own where there is no note."""
        try:
            noted = (self.state_dir / _RECEIVER_FILE).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return self.receiver_url
        return noted if noted.startswith("http://") else self.receiver_url

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
            self._refuse_unknown(integration)
            raise SettingsError((report_missing(f"integrations.{integration}.client_secret"),))
        return self.settings.integrations[integration].client_secret[0].get_secret_value()

    def integration(self, name: str = DEFAULT_INTEGRATION) -> IntegrationSettings:
        """Return an integration with a token and an organization, to call Sentry with.

        Raises:
            SettingsError: When it is not configured so, naming the setting.
        """
        url = self.state_dir / _URL_FILE
        if self.settings.is_demonstration and name == DEFAULT_INTEGRATION and url.exists():
            return IntegrationSettings(
                client_secret=(SecretStr(self.client_secret()),),
                token=SecretStr(make_demonstration_token(self.state_dir)),
                organization=DEMONSTRATION_ORGANIZATION,
                sentry_url=url.read_text(encoding="ascii"),
            )
        self._refuse_unknown(name)
        return self.settings.require_integration(name)

    def _refuse_unknown(self, integration: str) -> None:
        known = self.settings.integrations or {DEFAULT_INTEGRATION: None}
        if integration not in known and integration != DEFAULT_INTEGRATION:
            raise UnknownNameError("integration", integration, known, advice=f"there is {', '.join(sorted(known))}")


def find_instance(settings: Settings) -> Instance:
    """Return the instance that these settings describe."""
    state_dir = settings.state_dir / "demonstration" if settings.is_demonstration else settings.state_dir
    if settings.redis_url is None:
        return Instance(settings, state_dir, socket_url(state_dir), is_embedded=True)
    return Instance(settings, state_dir, settings.redis_url.get_secret_value(), is_embedded=False)


def make_demonstration_secret(state_dir: Path) -> str:
    """Return the demonstration's client secret, made once, in a file that only this user can read.

    It opens nothing but the demonstration: with an integration configured it is never looked at.
    """
    return _made_once(state_dir / _SECRET_FILE, secrets.token_hex(32))


def make_demonstration_token(state_dir: Path) -> str:
    """Return the token of the demonstration's simulated Sentry, made once, in a file that only this user can read."""
    return _made_once(state_dir / _TOKEN_FILE, f"sntryi_{secrets.token_hex(32)}")


def note_demonstration_url(state_dir: Path, url: str) -> None:
    """Store the URL of the simulated Sentry, for commands that call it."""
    (state_dir / _URL_FILE).write_text(url, encoding="ascii")


@contextmanager
def noted_receiver(instance: Instance) -> Generator[None]:
    """Store the URL of a receiver while it runs, for commands with another port in their settings."""
    path = instance.state_dir / _RECEIVER_FILE
    with suppress(OSError):
        instance.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(instance.receiver_url, encoding="ascii")
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()


def _made_once(path: Path, made: str) -> str:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(made)
    return path.read_text(encoding="ascii")
