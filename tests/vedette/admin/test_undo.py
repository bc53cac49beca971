from typing import Any

import pytest

from vedette.admin.filters import AuditFilter
from vedette.admin.session import AdminSession
from vedette.admin.undo import InvalidEntryError, OtherEntryError, find_write, find_writes, undo_writes
from vedette.permissions.grants import Grant

GRANT = Grant(scopes=("event:admin",))
OF_PLUGIN = AuditFilter(handler="plugin")


async def test_writes_are_undone_once(scene: Any, sentry_session: AdminSession) -> None:
    for issue in (scene.issue, scene.other):
        await scene.sentry(GRANT).issues.resolve(str(issue.id))
    found = await find_writes(sentry_session, OF_PLUGIN)
    assert (len(found.lines), found.possible, found.already) == (2, 2, 0)
    tried = [one async for one in undo_writes(sentry_session, found.lines, dry_run=True)]
    assert all(one.done and one.sentence.startswith("would have") for one in tried)
    assert scene.issue.status == "resolved"
    assert [one.done async for one in undo_writes(sentry_session, found.lines)] == [True, True]
    assert {scene.issue.status, scene.other.status} == {"unresolved"}
    again = await find_writes(sentry_session, OF_PLUGIN)
    assert (again.lines, again.already) == ([], 2)


async def test_a_write_to_an_issue_that_was_changed_since_is_left(scene: Any, sentry_session: AdminSession) -> None:
    await scene.sentry(GRANT).issues.resolve(str(scene.issue.id))
    scene.issue.status = "ignored"
    found = await find_writes(sentry_session, OF_PLUGIN)
    (result,) = [one async for one in undo_writes(sentry_session, found.lines)]
    assert not result.done
    assert "was changed since" in result.sentence


async def test_one_entry_is_found_by_its_number_and_hash(scene: Any, sentry_session: AdminSession) -> None:
    await scene.sentry(GRANT).issues.resolve(str(scene.issue.id))
    (line,) = (await find_write(sentry_session, "1")).lines
    assert (await find_write(sentry_session, f"1-{line.entry.hash[:8]}")).lines == [line]
    assert (await find_write(sentry_session, "999")).lines == []
    with pytest.raises(OtherEntryError):
        await find_write(sentry_session, "1-00000000")
    with pytest.raises(InvalidEntryError):
        await find_write(sentry_session, "first")
