"""Reloading for `vedette up --reload`: a new worker starts once edited plugins and settings load without error.

The old worker continues until then, and while the edited files fail to load. It shuts down as usual: runs in flight
are requeued for the new worker.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import watchfiles
from rich.console import Console

from console.rendering.terminal import inert
from console.supervisor.child_process import ChildProcess
from vedette.store.access.handler_roster import HandlerRoster, RosterProblem

_TRIAL = (sys.executable, "-P", "-m", "console.supervisor.load_check")
_PATIENCE = 30.0
_DEBOUNCE = 200
"""Milliseconds for which edits are gathered."""


@dataclass(frozen=True)
class LoadCheck:
    """The result of loading settings and plugins in a separate process."""

    problems: tuple[RosterProblem, ...]
    plugins: tuple[Path, ...] = ()


@dataclass
class Reloader:
    """Watches plugins and settings for one worker."""

    worker: ChildProcess
    console: Console
    settings_file: Path
    plugins: tuple[Path, ...]
    known: frozenset[RosterProblem]
    """Problems that were there before, and are no news."""
    started: Callable[[], Awaitable[HandlerRoster | None]] = field(repr=False)
    """Waits until the restarted worker is ready; returns None after too long a time."""

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            watched = self.plugins
            async for _ in self._edits():
                await self._take_up()
                if self.plugins != watched:
                    break

    def _edits(self) -> AsyncIterator[object]:
        # Folders, since editors put a new file in an old one's place; one by one, since a state folder may lie within.
        folders = {_folder_of(path) for path in (self.settings_file, *self.plugins)}
        there = [folder for folder in folders if folder.is_dir()]
        # Partly untyped in the library.
        awatch = cast("Any", watchfiles).awatch
        return awatch(*there, watch_filter=self._is_ours, debounce=_DEBOUNCE, recursive=False)

    def _is_ours(self, change: watchfiles.Change, path: str) -> bool:
        del change
        edited = Path(path).resolve()
        ours = {one.resolve() for one in (self.settings_file, *self.plugins)}
        return edited in ours or (edited.suffix == ".py" and edited.parent in ours)

    async def _take_up(self) -> None:
        found = await asyncio.to_thread(try_loading, self.worker.environment)
        news = [problem for problem in found.problems if problem not in self.known]
        if news:
            text = f"not taken up: {news[0].source}: {news[0].reason}. The worker continues unchanged."
            self.console.print(inert(text, "red"), soft_wrap=True)
            return
        self.known, self.plugins = frozenset(found.problems), found.plugins
        self.worker.restart()
        roster = await self.started()
        if roster is None:
            self.console.print(inert("The worker was restarted, and is not ready yet.", "yellow"))
            return
        names = ", ".join(handler.name for handler in roster.handlers)
        self.console.print(inert(f"taken up: {names or 'no handler'}", "green"), soft_wrap=True)


def try_loading(environment: Mapping[str, str]) -> LoadCheck:
    """Load settings and plugins in a process of its own; settings that cannot be used are a problem too."""
    try:
        done = subprocess.run(  # noqa: S603 - nothing but our own words in it
            _TRIAL, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return LoadCheck((RosterProblem("the plugins", f"did not load within {_PATIENCE:g} s"),))
    told = done.stdout.strip().splitlines()
    if done.returncode != 0 or not told:
        last = next(reversed(done.stderr.strip().splitlines()), f"ended with code {done.returncode}")
        return LoadCheck((RosterProblem("the settings", last),))
    found = json.loads(told[-1])
    return LoadCheck(tuple(RosterProblem(*pair) for pair in found["problems"]), tuple(map(Path, found["plugins"])))


def _folder_of(path: Path) -> Path:
    return path if path.is_dir() else path.parent
