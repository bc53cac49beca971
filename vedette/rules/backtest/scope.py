"""Defines the scope of a backtest: age, projects and issues, and the file of its history.

Equal scopes have the same file, so that an interrupted backtest can be continued, and one that is repeated after a
change of the rules downloads nothing twice.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

FOLDER: Final = "backtest"
_NAMED: Final = 16


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the past that is downloaded.

    Attributes:
        account: Host and organization.
        days: The age in days.
        projects: Slugs; empty for all that the token can read.
        query: A search in Sentry's syntax that issues match today.
    """

    account: str
    days: float
    projects: tuple[str, ...] = ()
    query: str = ""

    def path(self, state_dir: Path) -> Path:
        """Return the file for this part of the past."""
        identity = json.dumps([self.account, self.days, sorted(self.projects), self.query])
        return state_dir / FOLDER / f"{hashlib.sha256(identity.encode()).hexdigest()[:_NAMED]}.sqlite3"

    def begins(self, now: datetime) -> datetime:
        """Return the begin of the scope, to the second."""
        return (now - timedelta(days=self.days)).astimezone(UTC).replace(microsecond=0)

    def search(self, begins: datetime) -> str:
        """Return the search for issues of every status that had an event since then."""
        since = f"lastSeen:>={begins:%Y-%m-%dT%H:%M:%S}"
        return f"{since} {self.query}" if self.query else since


def forget(state_dir: Path) -> int:
    """Remove all stored histories, and return their number."""
    found = list((state_dir / FOLDER).glob("*.sqlite3"))
    for path in found:
        remove(path)
    return len(found)


def remove(path: Path) -> None:
    """Remove a history with the further files of SQLite."""
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        each.unlink(missing_ok=True)
