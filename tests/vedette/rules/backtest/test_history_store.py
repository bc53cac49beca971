"""The file that the past is kept in: private, one process at a time, and whole after a kill."""

import asyncio
import os
import signal
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

from vedette.rules.backtest.errors import HistoryBusyError, HistoryUnreadableError
from vedette.rules.backtest.history_store import Moment, StoredIssue, open_history
from vedette.rules.backtest.scope import Scope, forget

ISSUES = [StoredIssue(number, touched=number % 2 == 0, body={"id": str(number)}) for number in range(1200)]


async def test_what_was_added_comes_back_in_order(tmp_path: Path) -> None:
    async with open_history(tmp_path / "past.sqlite3") as history:
        await history.add_page(ISSUES, cursor="0:100:0")
        await history.add_page(ISSUES[:3], cursor="0:200:0")
        await history.add_detail(7, "activity", [{"type": "note"}])
        await history.add_moments([Moment(2.0, 5, 0), Moment(1.0, 9, 1), Moment(1.0, 9, 0)])
    async with open_history(tmp_path / "past.sqlite3") as history:
        assert await history.facts() == {"cursor": "0:200:0"}
        assert await history.count() == 1200
        assert [issue async for chunk in history.issues() for issue in chunk] == ISSUES
        assert await history.issues_by_id([3]) == {3: ISSUES[3]}
        assert await history.details([7, 8], "activity") == {7: [{"type": "note"}]}
        assert await history.detail(8, "activity") is None
        moments = [moment async for chunk in history.moments() for moment in chunk]
        assert moments == [Moment(1.0, 9, 0), Moment(1.0, 9, 1), Moment(2.0, 5, 0)]


async def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "backtest" / "past.sqlite3"
    async with open_history(path) as history:
        await history.add_page(ISSUES)
        modes = {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_two_processes_do_not_share_it(tmp_path: Path) -> None:
    path = tmp_path / "past.sqlite3"
    async with open_history(path):
        with pytest.raises(HistoryBusyError, match="wait until it has ended"):
            async with open_history(path):
                pass


async def test_a_file_of_another_kind_or_version_is_named(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("no database, but long enough to be taken for one" * 30)
    with sqlite3.connect(tmp_path / "newer") as database:
        database.execute("PRAGMA user_version = 9")
    database.close()
    for name in ("other", "newer"):
        with pytest.raises(HistoryUnreadableError, match="--forget"):
            async with open_history(tmp_path / name):
                pass


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from vedette.rules.backtest.history_store import StoredIssue, open_history

async def main():
    async with open_history(Path(sys.argv[1])) as history:
        for number in range(3):
            await history.add_page([StoredIssue(number, True, {})], cursor=str(number))
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_a_kill_loses_nothing_that_was_added(tmp_path: Path) -> None:
    path = tmp_path / "past.sqlite3"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, str(path), env=environment)
    assert await killed.wait() == -signal.SIGKILL
    async with open_history(path) as history:
        assert await history.facts() == {"cursor": "2"}
        assert await history.count() == 3


async def test_the_same_words_name_the_same_file_and_forgetting_removes_all(tmp_path: Path) -> None:
    scope = Scope("sentry.io/acme", 30, ("a", "b"))
    assert scope.path(tmp_path) == Scope("sentry.io/acme", 30, ("b", "a")).path(tmp_path)
    others = [Scope("sentry.io/acme", 7), Scope("sentry.io/other", 30, ("a", "b")), Scope("sentry.io/acme", 30)]
    assert len({each.path(tmp_path) for each in (scope, *others)}) == 4
    for each in (scope, others[0]):
        async with open_history(each.path(tmp_path)):
            pass
    assert forget(tmp_path) == 2
    assert list((tmp_path / "backtest").iterdir()) == []
    assert forget(tmp_path) == 0
