"""Reloads the agents of the settings while a process serves them: a changed grant is in force within two seconds.

The settings file may be half written, missing while a deployment replaces it, damaged, or on a disk that does not
answer. Whatever a check finds, agents that are not valid change nothing, and the log says so.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from vedette._core.user_error import UserError
from vedette.access.agent_directory import AgentDirectory
from vedette.access.context import IntegrationConnection
from vedette.plugins.daemon_thread import run_in_daemon_thread
from vedette.rules.files.file_watch import FilesSnapshot, read_files
from vedette.settings.settings import Settings

CHECK_INTERVAL: Final = 0.5
"""Seconds between two checks; a change is taken when two of them find the same."""
SLOW: Final = 10.0
"""Seconds after which a check is logged as hanging, and between such log lines."""
_KEPT: Final = "the agents and grants in force stay as they are"


@dataclass(frozen=True)
class ServedAgents:
    """The agents of a process, and its connections for them."""

    directory: AgentDirectory
    connections: dict[str, IntegrationConnection]
    """The connection of each integration, by its name; those of new integrations are added."""
    connect: Callable[[str, Settings], IntegrationConnection]
    """Returns the connection of an integration, by its name."""

    def replace(self, settings: Settings) -> None:
        """Put the agents of other settings in force; those of all requests from now on.

        Raises:
            UserError: The integration of an agent lacks what a call needs; nothing was changed.
        """
        names = sorted({agent.integration for agent in settings.agents.values()} - self.connections.keys())
        self.connections.update({name: self.connect(name, settings) for name in names})
        self.directory.replace(settings.agents)


class AgentReloader:
    """Reads the settings again when their file changes."""

    def __init__(
        self,
        file: Path,
        load: Callable[[], Settings],
        served: ServedAgents,
        *,
        interval: float = CHECK_INTERVAL,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            file: The settings file, which need not exist.
            load: Reads and validates the settings.
            served: Takes the agents.
            interval: Seconds between two checks.
        """
        self._file = file.absolute()
        self._load = load
        self._served = served
        self._interval = interval
        # The file may have changed since the process read it, so that the first checks read it too.
        self._read: FilesSnapshot | None = None
        self._pending: FilesSnapshot | None = None

    async def run(self) -> None:
        """Check until cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            settings = await self._changed_settings()
            if isinstance(settings, Settings):
                self._take(settings)
            elif settings:
                _log(settings)

    async def _changed_settings(self) -> Settings | str:
        """Check in a daemon thread; return other settings, a problem, or an empty text if nothing has changed."""
        checking = asyncio.ensure_future(run_in_daemon_thread(self._check, name="settings file"))
        try:
            while not (await asyncio.wait({checking}, timeout=SLOW))[0]:
                _log("reading it hangs, as on a disk that does not respond")
            return checking.result()
        finally:
            checking.cancel()

    def _check(self) -> Settings | str:
        """Read the file again if two consecutive checks find the same change."""
        snapshot = self._snapshot(self._read)
        if snapshot == self._read:
            self._read, self._pending = snapshot, None
            return ""
        if snapshot != self._pending:
            self._pending = snapshot
            return ""
        (file,) = snapshot.rules
        if self._read is None and file.problem:
            # There was none at the start: all settings are in variables.
            self._read, self._pending = snapshot, None
            return ""
        problem = file.problem or ("" if file.content.strip() else "it is empty")
        loaded: Settings | str = problem or self._loaded()
        if self._snapshot(snapshot) != snapshot:
            # It was changed while it was read: the next checks find out to what.
            return ""
        self._read, self._pending = snapshot, None
        return loaded

    def _loaded(self) -> Settings | str:
        try:
            return self._load()
        except UserError as error:
            return str(error)

    def _snapshot(self, before: FilesSnapshot | None) -> FilesSnapshot:
        return read_files((self._file,), (), before)

    def _take(self, settings: Settings) -> None:
        before = self._served.directory.agents
        if settings.agents == before:
            return
        try:
            self._served.replace(settings)
        except UserError as error:
            _log(str(error))
            return
        changed = sorted(
            name for name in before.keys() | settings.agents if before.get(name) != settings.agents.get(name)
        )
        structlog.get_logger().info("agents reloaded", changed=changed, agents=sorted(settings.agents))


def _log(problem: str) -> None:
    structlog.get_logger().error(f"the settings file cannot be used; {_KEPT}", problem=problem)
