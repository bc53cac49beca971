"""Proposals are decided once, by one person at a time, and none is stuck."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from vedette.store.access import proposals as module
from vedette.store.access.proposals import (
    Proposal,
    ProposalDecidedError,
    ProposalNotFoundError,
    Proposals,
    ProposalTakenError,
    UnreadableProposalError,
)
from vedette.store.search.cursor import Cursor
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import PROPOSALS, proposal_key

WISH = Proposal(
    *("p1", "plugin", "plugin.py", ("event:write",), False, "default", "delivery", "issue.created", "resolved SHOP-1"),
    *("issues.update", {"issue_id": "1"}, (), {"status": "resolved"}, ("1",), "SHOP-1", "shop", {"1": {"status": "x"}}),
)


@pytest.fixture
def proposals(client: RedisClient) -> Proposals:
    return Proposals(client, 3600.0)


async def test_what_waits_is_there_once_and_dated_by_the_server(
    proposals: Proposals, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 10**18)
    assert [await proposals.propose(WISH), await proposals.propose(WISH)] == [True, False]
    monkeypatch.undo()
    (found,) = await proposals.waiting()
    assert replace(found, at=0, expires=0) == WISH
    assert abs(found.at / 1000 - time.time()) < 60
    assert found.expires - found.at == 3_600_000


async def test_of_many_who_decide_at_once_one_does(proposals: Proposals) -> None:
    await proposals.propose(WISH)

    async def decide(who: str) -> str:
        try:
            token = await proposals.take("p1", who)
        except (ProposalTakenError, ProposalDecidedError):
            return ""
        await proposals.close("p1", token, "approved", who)
        return who

    decided = await asyncio.gather(*(decide(f"person {number}") for number in range(20)))
    assert len([who for who in decided if who]) == 1
    with pytest.raises(ProposalDecidedError, match="is approved by person"):
        await proposals.take("p1", "late")


async def test_one_that_was_read_before_another_decided_cannot_be_taken(proposals: Proposals) -> None:
    await proposals.propose(WISH)
    seen = await proposals.get("p1")
    token = await proposals.take(seen.id, "bob")
    with pytest.raises(ProposalTakenError, match="being decided by bob"):
        await proposals.take(seen.id, "ann")
    await proposals.close(seen.id, token, "approved", "bob")
    with pytest.raises(ProposalDecidedError, match="approved by bob"):
        await proposals.take(seen.id, "ann")


async def test_one_whose_decider_was_killed_is_free_again_and_its_late_decision_does_not_count(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEASE", 0.05)
    proposals = Proposals(client, 3600.0)
    await proposals.propose(WISH)
    killed = await proposals.take("p1", "ann")
    assert [one.id for one in await proposals.waiting()] == ["p1"]
    await asyncio.sleep(0.06)
    token = await proposals.take("p1", "bob")
    with pytest.raises(ProposalTakenError):
        await proposals.close("p1", killed, "rejected", "ann")
    await proposals.close("p1", token, "approved", "bob")
    assert (await proposals.get("p1")).by == "bob"


async def test_a_lease_that_is_kept_lasts(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEASE", 0.2)
    proposals = Proposals(client, 3600.0)
    await proposals.propose(WISH)
    token = await proposals.take("p1", "ann")
    for _ in range(4):
        await asyncio.sleep(0.08)
        assert await proposals.take("p1", "ann", token) == token
    with pytest.raises(ProposalTakenError):
        await proposals.take("p1", "bob")


async def test_no_key_is_left_without_an_end(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    brief = Proposals(client, 0.05)
    await brief.propose(WISH)
    token = await brief.take("p1", "ann")
    assert await client.pttl(proposal_key("p1")) > 1000  # not before it is decided
    await client.delete(proposal_key("p1"))
    with pytest.raises(ProposalNotFoundError):
        await brief.close("p1", token, "approved", "ann")
    assert await client.exists(proposal_key("p1"), PROPOSALS) == 0
    monkeypatch.setattr(module, "LEASE", 0.01)
    await brief.propose(WISH)
    await brief.close("p1", await brief.take("p1", "ann"), "rejected", "ann")
    assert await client.pttl(proposal_key("p1")) > 0


@pytest.mark.parametrize("junk", [{"x": "y"}, {"proposal": "{", "state": "open", "by": "", "at": 1, "expires": 1}])
async def test_something_else_in_its_place_is_said_in_a_sentence(
    proposals: Proposals, client: Any, junk: dict[str, str]
) -> None:
    await proposals.propose(WISH)
    await client.hset(proposal_key("junk"), mapping=junk)
    await client.zadd(PROPOSALS, {"junk": 1.0})
    with pytest.raises(UnreadableProposalError, match="cannot be read"):
        await proposals.get("junk")
    unreadable: list[str] = []
    assert [one.id for one in await proposals.waiting(unreadable=unreadable)] == ["p1"]
    assert unreadable == ["junk"]
    await client.set(proposal_key("text"), "junk")
    with pytest.raises(UnreadableProposalError):
        await proposals.get("text")


async def test_those_that_were_decided_are_listed_by_pages(proposals: Proposals) -> None:
    for number in range(5):
        await proposals.propose(replace(WISH, id=f"p{number}"))
    for number in (3, 0, 4):
        token = await proposals.take(f"p{number}", "ann")
        await proposals.close(f"p{number}", token, "rejected" if number else "approved", "ann")
    assert {one.id for one in await proposals.waiting()} == {"p1", "p2"}
    found: list[str] = []
    cursor: Cursor | None = None
    while True:
        page = await proposals.page(limit=2, cursor=cursor, decided=True)
        found += [one.id for one in page.rows]
        if page.cursor is None:
            break
        cursor = Cursor.read(page.cursor)
    assert set(found) == {"p3", "p0", "p4"}
    assert len(found) == 3
    # What was approved may be proposed again, and then waits.
    assert await proposals.propose(replace(WISH, id="p0"))
    assert {one.id for one in (await proposals.page(limit=9, decided=True)).rows} == {"p3", "p4"}
