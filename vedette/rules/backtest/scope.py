"""What a trial looks at: how far back, which projects, which issues; and where its history is kept.

The same words name the same file, so that a trial that was ended goes on where it was, and one that is run again
after a change of the rules takes nothing twice.
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
    """Which part of the past is taken.

    Attributes:
        account: whose past: host and organization.
        days: how far back.
        projects: slugs; none means all that the token reaches.
        query: a search in Sentry's syntax that issues must match today.
    """

    account: str
    days: float
    projects: tuple[str, ...] = ()
    query: str = ""

    def path(self, state_dir: Path) -> Path:
        """The file that this part of the past is kept in."""
        words = json.dumps([self.account, self.days, sorted(self.projects), self.query])
        return state_dir / FOLDER / f"{hashlib.sha256(words.encode()).hexdigest()[:_NAMED]}.sqlite3"

    def begins(self, now: datetime) -> datetime:
        """The moment before which nothing is looked at, to the second."""
        return (now - timedelta(days=self.days)).astimezone(UTC).replace(microsecond=0)

    def search(self, begins: datetime) -> str:
        """What finds the issues that had an event since then, of every status."""
        since = f"lastSeen:>={begins:%Y-%m-%dT%H:%M:%S}"
        return f"{since} {self.query}" if self.query else since


def forget(state_dir: Path) -> int:
    """Remove all histories that were kept, and say how many there were."""
    found = list((state_dir / FOLDER).glob("*.sqlite3"))
    for path in found:
        remove(path)
    return len(found)


def remove(path: Path) -> None:
    """Remove a history, and what SQLite keeps beside it."""
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        each.unlink(missing_ok=True)
