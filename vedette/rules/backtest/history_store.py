"""What was taken of the past, kept on disk, so that a trial that is killed goes on where it was.

SQLite, because it is in Python, survives a kill at any point, and reads in order of time what does not fit in memory.
Its calls block, so all of them run on one thread of their own. The file holds people's data (titles, addresses, who
did what): it is readable by its owner alone.
"""

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from vedette.rules.backtest.errors import HistoryBusyError, HistoryUnreadableError

_Result = TypeVar("_Result")
_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS issues (id INTEGER PRIMARY KEY, touched INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS details (issue INTEGER, what TEXT, body TEXT, PRIMARY KEY (issue, what)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS happenings (at REAL, issue INTEGER, place INTEGER, PRIMARY KEY (at, issue, place))
WITHOUT ROWID;
"""
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class StoredIssue:
    """An issue as the list showed it.

    Attributes:
        id: its id.
        touched: whether something about it shows today that somebody, or Sentry, changed it since it was born.
        body: the JSON.
    """

    id: int
    touched: bool
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in the order of time: the so-many-th happening of an issue."""

    at: float
    issue: int
    place: int


class HistoryStore:
    """One file of the past. Made by `open_history`."""

    def __init__(self, database: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self._database = database
        self._thread = thread

    async def _run(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Do some work in one transaction, off the event loop."""

        def working() -> _Result:
            with self._database:
                return work(self._database)

        return await asyncio.get_running_loop().run_in_executor(self._thread, working)

    async def facts(self) -> dict[str, str]:
        """What is written about the history itself: from when on, how far, when it was complete."""
        return await self._run(lambda database: dict(database.execute("SELECT name, value FROM meta")))

    async def write(self, **facts: str) -> None:
        """Write such facts."""
        await self._run(lambda database: _write_facts(database, facts))

    async def add_page(self, issues: Iterable[StoredIssue], **facts: str) -> None:
        """Keep a page of issues together with how far the list was read: both, or neither."""
        rows = [(issue.id, issue.touched, json.dumps(issue.body)) for issue in issues]

        def work(database: sqlite3.Connection) -> None:
            database.executemany("INSERT OR REPLACE INTO issues VALUES (?, ?, ?)", rows)
            _write_facts(database, facts)

        await self._run(work)

    async def count(self) -> int:
        """How many issues are kept."""
        return await self._run(lambda database: int(database.execute("SELECT count(*) FROM issues").fetchone()[0]))

    async def issues(self) -> AsyncIterator[list[StoredIssue]]:
        """All issues, some at a time."""
        last = -1
        query = "SELECT id, touched, body FROM issues WHERE id > ? ORDER BY id LIMIT ?"
        while rows := await self._run(lambda database, last=last: database.execute(query, (last, _CHUNK)).fetchall()):
            last = int(rows[-1][0])
            yield [_kept(row) for row in rows]

    async def issues_by_id(self, ids: Collection[int]) -> dict[int, StoredIssue]:
        """Some issues."""
        marks = ", ".join("?" * len(ids))
        query = f"SELECT id, touched, body FROM issues WHERE id IN ({marks})"  # noqa: S608 - question marks alone
        rows = await self._run(lambda database: database.execute(query, tuple(ids)).fetchall())
        return {kept.id: kept for kept in map(_kept, rows)}

    async def detail(self, issue: int, what: str) -> Any:
        """What was asked about an issue before, as its JSON; None when it never was."""
        query = "SELECT body FROM details WHERE issue = ? AND what = ?"
        row = await self._run(lambda database: database.execute(query, (issue, what)).fetchone())
        return None if row is None else json.loads(row[0])

    async def details(self, ids: Collection[int], what: str) -> dict[int, Any]:
        """What was asked about several issues before."""
        marks = ", ".join("?" * len(ids))
        query = f"SELECT issue, body FROM details WHERE what = ? AND issue IN ({marks})"  # noqa: S608 - as above
        rows = await self._run(lambda database: database.execute(query, (what, *ids)).fetchall())
        return {int(issue): json.loads(body) for issue, body in rows}

    async def add_detail(self, issue: int, what: str, body: Any) -> None:
        """Keep what was answered about an issue."""
        row = (issue, what, json.dumps(body))
        await self._run(lambda database: database.execute("INSERT OR REPLACE INTO details VALUES (?, ?, ?)", row))

    async def order_anew(self) -> None:
        """Forget the order of happenings: it is worked out by every trial."""
        await self._run(lambda database: database.execute("DELETE FROM happenings"))

    async def add_moments(self, moments: Sequence[Moment]) -> None:
        """Put happenings into their order."""
        rows = [(moment.at, moment.issue, moment.place) for moment in moments]
        insert = "INSERT OR REPLACE INTO happenings VALUES (?, ?, ?)"
        await self._run(lambda database: database.executemany(insert, rows))

    async def moments(self) -> AsyncIterator[list[Moment]]:
        """All happenings in order of time, some at a time."""
        last: tuple[float, int, int] = (-1e18, 0, 0)
        query = "SELECT at, issue, place FROM happenings WHERE (at, issue, place) > (?, ?, ?) ORDER BY 1, 2, 3 LIMIT ?"
        while rows := await self._run(lambda database, last=last: database.execute(query, (*last, _CHUNK)).fetchall()):
            last = rows[-1]
            yield [Moment(*row) for row in rows]


def _write_facts(database: sqlite3.Connection, facts: dict[str, str]) -> None:
    database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())


def _kept(row: tuple[int, int, str]) -> StoredIssue:
    return StoredIssue(row[0], bool(row[1]), json.loads(row[2]))


@asynccontextmanager
async def open_history(path: Path) -> AsyncGenerator[HistoryStore]:
    """Open a history, made when it is not there; one process at a time.

    Raises:
        HistoryBusyError: another process has it.
        HistoryUnreadableError: the file is something else.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="history") as thread:
        loop = asyncio.get_running_loop()
        database = await loop.run_in_executor(thread, _open, path)
        try:
            yield HistoryStore(database, thread)
        finally:
            await loop.run_in_executor(thread, database.close)


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite gives the files that it puts beside it the same permissions.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    database = sqlite3.connect(path, timeout=0.5)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        # Survives a kill of the process; after a power cut the last pages may have to be taken again.
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA cache_size = -8192")
        _prepare(database, path)
    except sqlite3.OperationalError:
        database.close()
        raise HistoryBusyError(path) from None
    except sqlite3.DatabaseError as error:
        database.close()
        raise HistoryUnreadableError(path, str(error)) from None
    return database


def _prepare(database: sqlite3.Connection, path: Path) -> None:
    database.execute("BEGIN EXCLUSIVE")
    found = int(database.execute("PRAGMA user_version").fetchone()[0])
    database.execute("COMMIT")
    if found not in {0, _VERSION}:
        database.close()
        raise HistoryUnreadableError(path, f"it is of version {found}, not {_VERSION}")
    database.executescript(_SCHEMA)
    database.execute(f"PRAGMA user_version = {_VERSION}")
    database.commit()
