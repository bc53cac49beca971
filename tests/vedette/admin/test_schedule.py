"""Pages of the delayed messages, and their filters."""

from tests.stored_world import StoredWorld
from vedette.admin.schedule import list_schedule, page_schedule
from vedette.admin.session import AdminSession
from vedette.store.server.client import RedisClient


async def test_delayed_messages_are_found_by_handler_and_issue(session: AdminSession, client: RedisClient) -> None:
    world = StoredWorld(client)
    ids = [await world.accept(issue) for issue in ("1", "2", "1")]
    for delivery in ids:
        await world.plan(delivery, "triage", "notify")
        for handler in ("triage", "notify"):
            await world.end(delivery, handler, "retrying", error="it broke")
    await world.runs.postpone(ids[1], 2, 900)

    async def found(size: int = 2, **wanted: str) -> list[tuple[int, str]]:
        rows: list[tuple[int, str]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await page_schedule(session, limit=size, cursor=cursor, **wanted)
            rows += [(ids.index(one.delivery), one.handler) for one in page.rows]
            cursor = page.cursor
        return rows

    assert (
        await found()
        == await found(50)
        == [(ids.index(one.delivery), one.handler) for one in await list_schedule(session)]
    )
    assert len(await found()) == 7
    assert await found(handler="notify") == [(0, "notify"), (1, "notify"), (2, "notify")]
    assert sorted(await found(issue="shop-2")) == [(1, ""), (1, "notify"), (1, "triage")]
    assert await found(issue="1", handler="triage") == [(0, "triage"), (2, "triage")]
    (first, *_) = (await page_schedule(session, handler="triage")).rows
    assert (first.why, first.run) == ("it broke", "triage")
