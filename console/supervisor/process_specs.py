"""The commands and environment variables of the processes that `vedette up` starts."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from console.instance import DEMONSTRATION_ORGANIZATION, Instance, make_demonstration_secret, make_demonstration_token
from vedette.api import credential

# -P keeps the working directory off the import path: an author's own `handlers/` or `workers/` folder stays theirs.
_PYTHON = (sys.executable, "-P", "-m")
_FOR_WORKERS = re.compile(
    r"VEDETTE_(TOKEN(_FILE)?|INTEGRATIONS__.+__TOKEN(_FILE)?|(HANDLERS|PROVIDE)(__.*)?)", re.IGNORECASE
)
"""Variables that the receiver, which the network reaches, does without: it holds no token and runs no plugin."""
_PAST = 500
"""Number of earlier issues in the demonstration, on which first rules can be evaluated."""


_KEPT = 0.97
"""Share of decisions in which people keep their habits there: so many that `vedette rules suggest` finds them."""


@dataclass(frozen=True)
class ProcessSpecs:
    """The processes to start, with their commands and variables."""

    instance: Instance
    is_demonstration: bool
    environment: Mapping[str, str]
    """The variables of all processes together; see `environment_of`."""
    lost: str = ""
    """The time before the demonstration in which webhooks were lost, such as `1h`."""

    def environment_of(self, process: str) -> dict[str, str]:
        """Return the variables of a process: what can call Sentry only for those that do.

        Args:
            process: Its name: `server`, `receiver`, `worker`, `gateway`, `console` or `simulated Sentry`.
        """
        if process == "server":
            return {name: value for name, value in self.environment.items() if not name.upper().startswith("VEDETTE_")}
        if process == "receiver":
            return {name: value for name, value in self.environment.items() if not _FOR_WORKERS.fullmatch(name)}
        return dict(self.environment)

    @property
    def server(self) -> list[str]:
        """The embedded server under its guard."""
        return [*_PYTHON, "console.supervisor.valkey", str(self.instance.state_dir)]

    @property
    def receiver(self) -> list[str]:
        """The HTTP edge."""
        return [*_PYTHON, "console", "receiver"]

    @property
    def worker(self) -> list[str]:
        """The handlers' process."""
        return [*_PYTHON, "console", "worker"]

    @property
    def gateway(self) -> list[str]:
        """The agents' process."""
        return [*_PYTHON, "console", "gateway"]

    @property
    def console(self) -> list[str]:
        """The people's process."""
        return [*_PYTHON, "console", "console"]

    def simulator(self, port: int) -> list[str]:
        """Return the simulated Sentry of the demonstration."""
        webhook = f"{self.instance.receiver_url}/hooks/default"
        words = [*_PYTHON, "console", "simulate", "--json", "--port", str(port), "--webhook-url", webhook]
        # The deliveries of earlier runs are kept: with the same ids, the new ones would be taken for repetitions.
        lost = ["--lost", self.lost] if self.lost else []
        return [*words, "--past", str(_PAST), "--kept", str(_KEPT), "--new-ids", *lost]


def make_plan(instance: Instance) -> ProcessSpecs:
    """Decide what to run in `place`; for the demonstration, make the secret and token that its processes share.

    Raises:
        SettingsError: When an integration lacks what its processes need, before any of them starts.
        UnusableTokenError: When its token cannot work.
    """
    for name in instance.settings.integrations:
        token = instance.settings.require_integration(name).token
        assert token is not None
        credential(token)
    shared = dict(os.environ)
    shared |= {"VEDETTE_STATE_DIR": str(instance.state_dir.absolute()), "VEDETTE_REDIS_URL": instance.redis_url}
    shared.pop("VEDETTE_REDIS_URL_FILE", None)
    if instance.settings.is_demonstration:
        shared |= {
            "VEDETTE_CLIENT_SECRET": make_demonstration_secret(instance.state_dir),
            "VEDETTE_TOKEN": make_demonstration_token(instance.state_dir),
            "VEDETTE_ORGANIZATION": DEMONSTRATION_ORGANIZATION,
        }
    return ProcessSpecs(instance, instance.settings.is_demonstration, shared)
