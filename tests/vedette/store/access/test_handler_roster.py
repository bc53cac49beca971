import pytest

from vedette.store.access.handler_roster import (
    HandlerRoster,
    RosterHandler,
    UnreadableRosterError,
    read_roster,
    readable_roster,
    write_roster,
)
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import ROSTER


async def test_what_was_written_is_read(client: RedisClient) -> None:
    assert await read_roster(client) is None
    roster = HandlerRoster(
        (RosterHandler("triage", ("issue.created",), "act", "vedette", crons=("* * * * *",)),), (), 7
    )
    await write_roster(client, roster)
    found = await read_roster(client)
    assert found is not None
    assert (found.handlers, found.problems) == (roster.handlers, roster.problems)
    assert await readable_roster(client) == found


@pytest.mark.parametrize(
    "junk", [b"{", b"\xff\xfe", b"[]", b"7", b'{"handlers": [1], "problems": [], "written": 0}', b'{"handlers": []}']
)
async def test_something_else_in_its_place_is_said_in_a_sentence(client: RedisClient, junk: bytes) -> None:
    await client.set(ROSTER, junk)
    with pytest.raises(UnreadableRosterError, match="restart a worker"):
        await read_roster(client)
    assert await readable_roster(client) is None
