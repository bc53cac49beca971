"""Stores the downloaded past on disk, so that a killed backtest can be continued.

SQLite is part of Python, survives a kill at any time, and reads data that does not fit in memory in order of time. Its
calls block, so all of them run on a thread of their own. The file has personal data (titles, addresses, actions of
people): only its owner can read it.
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
CREATE TABLE IF NOT EXISTS moments (at REAL, issue INTEGER, place INTEGER, PRIMARY KEY (at, issue, place))
WITHOUT ROWID;
"""
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class StoredIssue:
    """An issue of the list.

    Attributes:
        id: The id.
        touched: Whether its current state shows a change, by a person or by Sentry, since its creation.
        body: The JSON.
    """

    id: int
    touched: bool
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of an event, which is the n-th of its issue."""

    at: float
    issue: int
    place: int


class HistoryStore:
    """The stored past, in one file; made by `open_history`."""

    def __init__(self, database: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self._database = database
        self._thread = thread

    async def _run(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Run a function in a transaction, on the thread of the database."""

        def working() -> _Result:
            with self._database:
                return work(self._database)

        return await asyncio.get_running_loop().run_in_executor(self._thread, working)

    async def facts(self) -> dict[str, str]:
        """Return the metadata: begin, cursor, time of completion."""
        return await self._run(lambda database: dict(database.execute("SELECT name, value FROM meta")))

    async def write(self, **facts: str) -> None:
        """Write metadata."""
        await self._run(lambda database: _write_facts(database, facts))

    async def add_page(self, issues: Iterable[StoredIssue], **facts: str) -> None:
        """Store a page of issues together with the cursor of the next, in one transaction."""
        rows = [(issue.id, issue.touched, json.dumps(issue.body)) for issue in issues]

        def work(database: sqlite3.Connection) -> None:
            database.executemany("INSERT OR REPLACE INTO issues VALUES (?, ?, ?)", rows)
            _write_facts(database, facts)

        await self._run(work)

    async def count(self) -> int:
        """Return the number of stored issues."""
        return await self._run(lambda database: int(database.execute("SELECT count(*) FROM issues").fetchone()[0]))

    async def issues(self) -> AsyncIterator[list[StoredIssue]]:
        """Yield all issues, in batches."""
        last = -1
        query = "SELECT id, touched, body FROM issues WHERE id > ? ORDER BY id LIMIT ?"
        while rows := await self._run(lambda database, last=last: database.execute(query, (last, _CHUNK)).fetchall()):
            last = int(rows[-1][0])
            yield [_issue_of(row) for row in rows]

    async def issues_by_id(self, ids: Collection[int]) -> dict[int, StoredIssue]:
        """Return issues by id."""
        marks = ", ".join("?" * len(ids))
        query = f"SELECT id, touched, body FROM issues WHERE id IN ({marks})"  # noqa: S608 - only question marks
        rows = await self._run(lambda database: database.execute(query, tuple(ids)).fetchall())
        return {kept.id: kept for kept in map(_issue_of, rows)}

    async def detail(self, issue: int, what: str) -> Any:
        """Return the stored JSON of a detail of an issue; None if there is none."""
        query = "SELECT body FROM details WHERE issue = ? AND what = ?"
        row = await self._run(lambda database: database.execute(query, (issue, what)).fetchone())
        return None if row is None else json.loads(row[0])

    async def details(self, ids: Collection[int], what: str) -> dict[int, Any]:
        """Return the stored JSON of a detail of several issues."""
        marks = ", ".join("?" * len(ids))
        query = f"SELECT issue, body FROM details WHERE what = ? AND issue IN ({marks})"  # noqa: S608 - as above
        rows = await self._run(lambda database: database.execute(query, (what, *ids)).fetchall())
        return {int(issue): json.loads(body) for issue, body in rows}

    async def add_detail(self, issue: int, what: str, body: Any) -> None:
        """Store the JSON of a detail of an issue."""
        row = (issue, what, json.dumps(body))
        await self._run(lambda database: database.execute("INSERT OR REPLACE INTO details VALUES (?, ?, ?)", row))

    async def clear_moments(self) -> None:
        """Delete the order of events, which every backtest computes."""
        await self._run(lambda database: database.execute("DELETE FROM moments"))

    async def add_moments(self, moments: Sequence[Moment]) -> None:
        """Add events to the order."""
        rows = [(moment.at, moment.issue, moment.place) for moment in moments]
        insert = "INSERT OR REPLACE INTO moments VALUES (?, ?, ?)"
        await self._run(lambda database: database.executemany(insert, rows))

    async def moments(self) -> AsyncIterator[list[Moment]]:
        """Yield all events in order of time, in batches."""
        last: tuple[float, int, int] = (-1e18, 0, 0)
        query = "SELECT at, issue, place FROM moments WHERE (at, issue, place) > (?, ?, ?) ORDER BY 1, 2, 3 LIMIT ?"
        while rows := await self._run(lambda database, last=last: database.execute(query, (*last, _CHUNK)).fetchall()):
            last = rows[-1]
            yield [Moment(*row) for row in rows]


def _write_facts(database: sqlite3.Connection, facts: dict[str, str]) -> None:
    database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())


def _issue_of(row: tuple[int, int, str]) -> StoredIssue:
    return StoredIssue(row[0], bool(row[1]), json.loads(row[2]))


@asynccontextmanager
async def open_history(path: Path) -> AsyncGenerator[HistoryStore]:
    """Open a history, created if it does not exist; one process at a time.

    Raises:
        HistoryBusyError: Another process has opened it.
        HistoryUnreadableError: The file is no history of this version.
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
    # SQLite creates its further files with the same permissions.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    database = sqlite3.connect(path, timeout=0.5)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        # This survives a kill of the process; after a power failure the last pages may be downloaded again.
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
