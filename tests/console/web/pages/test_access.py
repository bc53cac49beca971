"""The page Access shows needs, grants and use; its orders pause, disable and revoke."""

import pytest

from tests.console.web.consoles import RunningConsole
from vedette.store.access.disabled_handlers import DisabledHandlers
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler, write_roster
from vedette.store.access.write_budgets import WriteBudgets
from vedette.store.agents.tokens import AgentTokens
from vedette.store.server.keys import ROSTER

pytestmark = pytest.mark.asyncio(loop_scope="session")
HANDLER = RosterHandler("triage", ("issue.created",), "act", "vedette", ("event:write",), "event:write in shop-*")


async def add_roster(console: RunningConsole) -> None:
    await write_roster(console.redis, HandlerRoster((HANDLER,), (), names=("triage",)))


async def intents(console: RunningConsole) -> list[str]:
    return [one.text("intent") for one in await console.entries() if one.kind == "order"]


async def test_needs_grant_token_and_use_stand_side_by_side(shown_console: RunningConsole) -> None:
    await add_roster(shown_console)
    await WriteBudgets(shown_console.redis).count("triage", "sent")
    page = (await shown_console.get("/access", role="viewer")).text
    for text in ("event:write in shop-*", "not known yet", "1 sent", "issue.created", "robot", "shop-*"):
        assert text in page
    assert "<button" not in page.partition("<h1>")[2].partition("<footer")[0]


async def test_a_handler_is_disabled_and_enabled(shown_console: RunningConsole) -> None:
    await add_roster(shown_console)
    assert (await shown_console.post("/access/disable", {"handler": "triage"})).headers["location"] == "/access"
    assert set(await DisabledHandlers(shown_console.redis).all()) == {"triage"}
    assert "Enable triage" in (await shown_console.get("/access")).text
    assert (await shown_console.post("/access/enable", {"handler": "triage"})).status_code == 303
    assert await DisabledHandlers(shown_console.redis).all() == {}
    assert await intents(shown_console) == ["disabled triage", "enabled triage"]
    assert (await shown_console.post("/access/disable", {"handler": "traige"})).status_code == 400


async def test_writes_are_paused_for_a_time(shown_console: RunningConsole) -> None:
    await add_roster(shown_console)
    form = {"handler": "triage", "for": "8h", "back": "/access"}
    assert (await shown_console.post("/pause", form)).headers["location"] == "/access"
    (pause,) = await WriteBudgets(shown_console.redis).pauses()
    assert pause.until is not None
    assert abs(pause.until - pause.at - 8 * 3_600_000) < 1000
    assert "Resume triage" in (await shown_console.get("/access")).text
    assert (await shown_console.post("/pause", {"handler": "triage", "for": "soon"})).status_code == 400
    assert (await shown_console.post("/pause", {"handler": "agent:robot"})).status_code == 303
    assert len(await WriteBudgets(shown_console.redis).pauses()) == 2


async def test_a_token_of_an_agent_is_revoked(shown_console: RunningConsole) -> None:
    _, token = await AgentTokens(shown_console.redis).create("robot", by="ann")
    assert f"Revoke token {token.id} of robot" in (await shown_console.get("/access")).text
    assert (await shown_console.post(f"/access/tokens/{token.id}/revoke")).status_code == 303
    assert await AgentTokens(shown_console.redis).all() == []
    assert await intents(shown_console) == [f"revoked token {token.id} of agent robot"]
    assert (await shown_console.post(f"/access/tokens/{token.id}/revoke")).status_code == 400


async def test_a_list_of_handlers_that_cannot_be_read_is_an_error_with_advice(shown_console: RunningConsole) -> None:
    await shown_console.redis.set(ROSTER, "x")
    answer = await shown_console.get("/access")
    assert answer.status_code == 409
    assert "restart a worker" in answer.text
