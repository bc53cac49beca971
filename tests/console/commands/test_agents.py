"""`vedette agents` and what other commands show of agents, on a gate of theirs with a simulated Sentry."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.main import app
from tests.vedette.access.agent_scene import AgentScene
from tests.vedette.access.conftest import Scene
from vedette.access.agent_directory import AgentDirectory, UnknownAgentTokenError
from vedette.access.agent_gates import AgentGateFactory
from vedette.api.call import Call
from vedette.api.operations import OPERATIONS
from vedette.settings.settings import load_settings
from vedette.store.agents.token_text import is_token

Run = Callable[..., Any]
SETTINGS = """
[agents.helper]
mode = "act"
[agents.helper.may]
issues = "read"
triage = "write"

[agents.careful]
mode = "propose"
[agents.careful.may]
triage = "write"
[agents.careful.grant]
projects = ["shop"]
"""


@pytest.fixture
def run(scene: Scene, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command as an operator of this scene, in a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vedette.toml").write_text(SETTINGS)
    for name, value in {
        "REDIS_URL": redis_url,
        "CLIENT_SECRET": "s" * 32,
        "TOKEN": scene.token,
        "ORGANIZATION": "acme",
        "SENTRY_URL": scene.url,
    }.items():
        monkeypatch.setenv(f"VEDETTE_{name}", value)

    async def run(*arguments: str) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))

    return run


async def with_token(scene: Scene, run: Run, name: str, *options: str) -> AgentScene:
    """Make a token by the command, and the gate of the agent that has it."""
    made = await run("agents", "token", name, *options)
    assert made.exit_code == 0, made.output
    token = made.stdout.strip()
    directory = AgentDirectory(scene.client, load_settings().agents)
    factory = AgentGateFactory(scene.services, directory, {"default": scene.connection})
    return AgentScene(scene, directory, factory, await directory.authenticate(token), token)


def call(scene: Scene, name: str, body: dict[str, Any] | None = None) -> Call:
    parameters = {"organization_id_or_slug": "acme", "issue_id": str(scene.issue.id)}
    return Call(OPERATIONS[name], parameters, body=body, because="it is fixed")


async def test_a_token_is_printed_once_and_kept_nowhere(scene: Scene, run: Run, redis_url: str) -> None:
    made = await run("agents", "token", "helper", "--expires", "30d", "--note", "CI")
    token = made.stdout.strip()
    assert is_token(token)
    assert re.fullmatch(r"vdta_helper_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}", token)
    assert token not in made.stderr
    listed = await run("agents", "tokens", "--json")
    (row,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert (row["agent"], row["note"]) == ("helper", "CI")
    assert abs(row["expires"] - row["created"] - 30 * 86_400_000) < 1000
    stored = [await scene.client.hgetall("{vedette}:agent_tokens"), await scene.entries(), listed.stdout]
    assert token.split("_")[2] not in str(stored)


async def test_a_misspelt_agent_gets_no_token(run: Run) -> None:
    ended = await run("agents", "token", "helpre")
    assert ended.exit_code == 2
    assert "did you mean helper?" in ended.output


async def test_a_revoked_token_is_known_no_more(scene: Scene, run: Run) -> None:
    agents = await with_token(scene, run, "helper")
    await with_token(scene, run, "helper")

    assert "Revoked token" in (await run("agents", "revoke", agents.agent.token.id, "--by", "ann")).output
    agents.directory.forget()
    with pytest.raises(UnknownAgentTokenError):
        await agents.directory.authenticate(agents.token)
    assert len((await run("agents", "revoke", "helper", "--all")).output.splitlines()) == 1
    assert (await run("agents", "revoke", "helper", "--all")).exit_code == 2

    orders = [entry.text("decision") for entry in await scene.entries() if entry.kind == "order"]
    assert orders[2] == "revoked by ann"
    assert len(orders) == 4


async def test_the_list_tells_calls_areas_and_what_needs_attention(scene: Scene, run: Run) -> None:
    agents = await with_token(scene, run, "helper")
    await agents.gate().send(call(scene, "issues.get"))
    await agents.gate().send(call(scene, "issues.update", {"status": "resolved"}))
    await agents.factory.aclose()

    shown = (await run("agents")).output
    assert "issues read, triage write" in shown
    assert "1 read, 1 sent" in shown
    assert "triage write in shop" in shown
    total = len(agents.agent.grant.operations)
    assert f"helper: 2 of {total} operations used: tighten" in shown
    assert "helper: has a token without an end" in shown
    assert "careful: has no token: `vedette agents token careful`" in shown
    rows = {row["name"]: row for row in map(json.loads, (await run("agents", "--json")).stdout.splitlines())}
    assert rows["helper"]["calls"] == {"read": 1, "sent": 1}
    assert "issues.get" not in rows["helper"]["unused"]
    assert rows["careful"]["last"] is None


async def test_the_doctor_says_what_needs_attention(scene: Scene, run: Run) -> None:
    await with_token(scene, run, "helper", "--expires", "30d")
    findings = [json.loads(line) for line in (await run("doctor", "--offline", "--json")).stdout.splitlines()]
    (found,) = [each for each in findings if each["check"] == "agents"]
    assert found["state"] == "warn"
    assert found["says"] == "careful: has no token: `vedette agents token careful` makes one"
    assert found["mend"] == ["Look at `vedette agents`"]
    await with_token(scene, run, "careful", "--expires", "30d")
    findings = [json.loads(line) for line in (await run("doctor", "--offline", "--json")).stdout.splitlines()]
    assert [each["state"] for each in findings if each["check"] == "agents"] == ["ok"]


async def test_the_audit_of_an_agent_has_its_reads_and_verify_holds_them_to_their_digest(
    scene: Scene, run: Run
) -> None:
    agents = await with_token(scene, run, "helper")
    await agents.gate().send(call(scene, "issues.get"))
    await agents.gate().send(call(scene, "issues.update", {"status": "resolved"}))
    await agents.factory.aclose()

    lines = [json.loads(line) for line in (await run("audit", "--agent", "helper", "--json")).stdout.splitlines()]
    assert [line["kind"] for line in lines] == ["reads", "call", "order"]
    assert lines[0]["operations"] == {"issues.get": 1}
    assert lines[1]["because"] == "it is fixed"
    assert "agent helper (curl/8 via REST)" in (await run("audit", "--agent", "helper")).output
    everything = [json.loads(line)["kind"] for line in (await run("audit", "--json")).stdout.splitlines()]
    assert "reads" not in everything
    (read,) = [json.loads(line) for line in (await run("audit", "reads", str(lines[0]["entry"]))).stdout.splitlines()]
    assert (read["operation"], read["result"]) == ("issues.get", "200")
    assert (await run("audit", "verify")).exit_code == 0

    await scene.client.delete("{vedette}:agent_reads")

    ended = await run("audit", "verify")
    assert ended.exit_code == 1
    assert f"the reads of entry {lines[0]['entry']} are missing" in ended.output


async def test_an_unknown_agent_is_an_error_in_the_audit(scene: Scene, run: Run) -> None:
    await with_token(scene, run, "helper")
    ended = await run("audit", "--agent", "helpre")
    assert ended.exit_code == 2
    assert "there is no agent helpre: did you mean helper?" in ended.output
    assert (await run("audit", "--agent", "helper", "--handler", "triage")).exit_code == 2


async def test_the_writes_of_an_agent_are_taken_back(scene: Scene, run: Run) -> None:
    agents = await with_token(scene, run, "helper")
    await agents.gate().send(call(scene, "issues.update", {"status": "resolved"}))

    ended = await run("undo", "--agent", "helper", "--since", "2h", "--by", "ann")

    assert ended.exit_code == 0, ended.output
    assert scene.issue.status == "unresolved"


async def test_a_proposal_of_an_agent_is_approved_by_its_own_grant(scene: Scene, run: Run, tmp_path: Path) -> None:
    agents = await with_token(scene, run, "careful")
    answer = await agents.gate().send(call(scene, "issues.update", {"status": "resolved"}))
    assert answer.held is not None

    (tmp_path / "vedette.toml").write_text(SETTINGS.replace('projects = ["shop"]', 'projects = ["bank"]'))
    refused = await run("approve", answer.held.proposal)
    assert refused.exit_code != 0
    assert "agent careful may not call issues.update" in " ".join(refused.output.split())
    assert "[agents.careful.grant]" in " ".join(refused.output.split())

    (tmp_path / "vedette.toml").write_text(SETTINGS)
    approved = await run("approve", answer.held.proposal, "--by", "ann")
    assert approved.exit_code == 0, approved.output
    assert scene.issue.status == "resolved"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('mode = "propose"', 'mode = "observe"', "is set to observe now"),
        ('mode = "propose"', "expires = 2020-01-01", "agent careful has expired"),
        ("agents.careful", "agents.renamed", "no longer have an agent careful"),
    ],
)
async def test_a_proposal_is_not_sent_where_the_agent_may_no_longer_write(
    scene: Scene, run: Run, tmp_path: Path, old: str, new: str, reason: str
) -> None:
    agents = await with_token(scene, run, "careful")
    answer = await agents.gate().send(call(scene, "issues.update", {"status": "resolved"}))
    assert answer.held is not None
    (tmp_path / "vedette.toml").write_text(SETTINGS.replace(old, new))

    ended = await run("approve", answer.held.proposal)

    assert ended.exit_code != 0
    assert reason in " ".join(ended.output.split())
    assert scene.issue.status == "unresolved"


async def test_a_pause_names_the_agent(scene: Scene, run: Run) -> None:
    agents = await with_token(scene, run, "helper")
    assert "Paused agent helper" in (await run("pause", "agent:helper", "--by", "ann")).output

    answer = await agents.gate().send(call(scene, "issues.update", {"status": "resolved"}))

    assert answer.held is not None
    assert answer.held.by == "ann"
    assert "helper: is paused by ann" in (await run("agents")).output
    wrong = await run("pause", "careful")
    assert wrong.exit_code == 2
    assert "agent:careful" in wrong.output
    assert "Resumed agent helper" in (await run("resume", "agent:helper")).output


async def test_the_areas_are_printed_from_the_table(run: Run) -> None:
    shown = (await run("agents", "areas", "triage")).output
    assert "issues.update" in shown
    assert "event:write" in shown
    table = [json.loads(line) for line in (await run("agents", "areas", "--json")).stdout.splitlines()]
    assert [row["area"] for row in table][:3] == ["issues", "triage", "destroy-issues"]
    assert table[0]["levels"]["off"]["operations"] == []
    assert (await run("agents", "areas", "triag")).exit_code == 2
