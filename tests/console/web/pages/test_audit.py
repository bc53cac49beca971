"""The page Audit lists entries by filters, and verifies the chain."""

import pytest

from console.web.pages.audit_search import read_audit_search
from tests.conftest import connect
from tests.console.web.consoles import RunningConsole
from vedette.admin.connections import policy_services

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def add(console: RunningConsole, count: int, **facts: str) -> None:
    audit = policy_services(console.services.admin_session("ann")).audit
    for number in range(count):
        await audit.append("call", {"handler": "triage", "intent": f"did {number}", "decision": "denied: no", **facts})


async def test_entries_are_listed_by_filters_that_are_in_the_address(shown_console: RunningConsole) -> None:
    await add(shown_console, 2, label="SHOP-1", because="rule a b", issue="1", project="shop")
    await add(shown_console, 1, label="SHOP-2", issue="2", handler="agent:robot")
    for query, count in (
        ("", 3),
        ("?q=handler:triage", 2),
        ("?q=agent:robot", 1),
        ("?q=SHOP-1", 2),
        ('?q=rule:"a b"', 2),
        ("?q=project:shop&since=1h", 2),
        ("?q=issue:SHOP-9", 0),
    ):
        page = (await shown_console.get(f"/audit{query}", role="viewer")).text
        assert page.count('class="says"') == count, query
    page = (await shown_console.get("/audit?q=handler:triage&since=1h")).text
    assert "vedette audit --handler triage --since 1h" in page
    assert "/audit/undo?q=handler%3Atriage&amp;since=1h" in page
    for wrong in ("?q=colour:red", "?q=handler:a agent:b", "?since=soon", "?cursor=x"):
        assert (await shown_console.get(f"/audit{wrong}")).status_code == 400


async def test_fifty_entries_are_a_page(shown_console: RunningConsole) -> None:
    await add(shown_console, 60)
    page = (await shown_console.get("/audit")).text
    assert page.count('class="says"') == 50
    older = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert (await shown_console.get(older)).text.count('class="says"') == 10


async def test_the_chain_is_verified_and_a_change_is_shown(shown_console: RunningConsole, redis_url: str) -> None:
    await add(shown_console, 3)
    page = (await shown_console.get("/audit/verify")).text
    assert "The chain of 3 entries is whole" in page
    kept = page.partition('<code id="head">')[2].partition("<")[0]
    assert "the entry that you kept is in it" in (await shown_console.get(f"/audit/verify?kept={kept}")).text
    lost = f"9-9-{'0' * 64}"
    assert "the entry that you kept is not in it" in (await shown_console.get(f"/audit/verify?kept={lost}")).text
    assert (await shown_console.get("/audit/verify?kept=nothing")).status_code == 400
    with connect(redis_url) as client:
        (key,) = [one for one in client.keys("{vedette}:audit*") if client.type(one) == b"stream"]
        client.xdel(key, client.xrange(key, count=2)[1][0])
    assert "The audit was changed" in (await shown_console.get("/audit/verify")).text


async def test_words_are_read_as_they_are_written() -> None:
    for text in ('rule:"a b" issue:SHOP-1', "handler:triage", "agent:robot project:shop"):
        search = read_audit_search({"q": text})
        assert read_audit_search(search.to_query()) == search
