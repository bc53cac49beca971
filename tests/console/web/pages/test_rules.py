"""The rules workbench: problems at their place, and the newest deliveries decided by a draft and the rules in force."""

import asyncio
from pathlib import Path

import pytest

from tests.conftest import connect
from tests.console.web.consoles import RunningConsole
from tests.recorded_deliveries import record_delivery

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_FORCE = '[[rule]]\nname = "old"\non = "issue.created"\nwhen = "level:error"\nthen = [{ resolve = "now" }]\n'


@pytest.fixture(autouse=True)
def rules_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The rules in force, beside a settings file that is nowhere."""
    monkeypatch.setenv("VEDETTE_CONFIG", str(tmp_path / "vedette.toml"))
    (tmp_path / "vedette.toml").write_text("")
    path = tmp_path / "triage.toml"
    path.write_text(IN_FORCE)
    return path


def record(url: str, count: int) -> None:
    with connect(url) as client:
        for number in range(count):
            record_delivery(client, runs={}, label=f"SHOP-{number}", issue=str(number))


async def counts(console: RunningConsole, text: str) -> list[int]:
    page = (await console.post("/rules", {"text": text}, role="approver")).text
    found = page.partition("beside the rules in force</h2>")[2].partition("</p>")[0]
    return [int(part.partition(" ")[0]) for part in found.split('">')[1:]]


async def test_a_draft_is_compared_with_the_rules_in_force(shown_console: RunningConsole, redis_url: str) -> None:
    record(redis_url, 3)
    page = (await shown_console.get("/rules", role="viewer")).text
    assert "name = &#34;old&#34;" in page
    assert "The last 3 deliveries" in page
    assert await counts(shown_console, IN_FORCE) == [0, 0, 0, 3]
    assert await counts(shown_console, IN_FORCE.replace("level:error", "level:fatal")) == [0, 3, 0, 0]
    archive = IN_FORCE.replace('resolve = "now"', 'archive = "until escalating"')
    assert await counts(shown_console, archive) == [0, 0, 3, 0]


async def test_what_only_the_draft_matches_is_new(
    shown_console: RunningConsole, redis_url: str, rules_file: Path
) -> None:
    await asyncio.to_thread(rules_file.write_text, IN_FORCE.replace("level:error", "level:fatal"))
    record(redis_url, 2)
    assert await counts(shown_console, IN_FORCE) == [2, 0, 0, 0]
    record(redis_url, 1)
    assert await counts(shown_console, IN_FORCE) == [3, 0, 0, 0]


async def test_problems_are_shown_at_their_place(shown_console: RunningConsole) -> None:
    page = (await shown_console.post("/rules", {"text": IN_FORCE.replace("then", "than")}, role="approver")).text
    assert "line 5, column 1" in page
    assert "deliveries, beside" not in page


async def test_a_draft_is_shared_by_its_address(shown_console: RunningConsole) -> None:
    saved = await shown_console.post("/rules/drafts", {"text": "# mine <b>\r\n"}, role="approver")
    address = saved.headers["location"]
    page = (await shown_console.get(address, role="viewer")).text
    assert "# mine &lt;b&gt;" in page
    assert "a draft of a approver" in page
    assert (await shown_console.get("/rules/drafts/nothing")).status_code == 404


async def test_a_ready_made_rule_is_a_start(shown_console: RunningConsole) -> None:
    assert "problem" not in (await shown_console.get("/rules?preset=noise")).text
    assert (await shown_console.get("/rules?preset=none-like-this")).status_code == 404
