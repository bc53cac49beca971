"""From a settings file to a confined client, each part a process of its own, as an operator runs them."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.programs import Clients
from tests.ports import free_port
from tests.scenarios.conftest import ORGANIZATION, SECRET, TOKEN, Simulated, Vedette

SETTINGS = """
[agents.triage-agent]
[agents.triage-agent.may]
issues = "read"
triage = "write"

[gateway]
port = {port}
"""


@pytest.fixture
def vedette(tmp_path: Path, redis_url: str) -> Iterator[Vedette]:
    """An installation with one agent, which is not told a mode; whatever runs in it ends with the test."""
    port = free_port()
    installation = Vedette(
        tmp_path,
        port,
        {
            "VEDETTE_CLIENT_SECRET": SECRET,
            "VEDETTE_TOKEN": TOKEN,
            "VEDETTE_ORGANIZATION": ORGANIZATION,
            "VEDETTE_REDIS_URL": redis_url,
        },
    )
    (tmp_path / "vedette.toml").write_text(SETTINGS.format(port=port))
    yield installation
    for process in installation.running:
        process.end()
        for reader in process.readers:
            reader.join(10)


async def test_a_client_proposes_a_person_approves_and_the_token_can_be_revoked(
    vedette: Vedette, installed: Path, tmp_path: Path
) -> None:
    simulator = vedette.start("simulate", "--quiet", "--json", "--port", "0", "--calls-per-second", "1000")
    sentry = Simulated(json.loads(simulator.wait_for("url"))["url"])
    vedette.variables["VEDETTE_SENTRY_URL"] = sentry.url
    issue = sentry.create(project="payments-api", type="PaymentError", value="card refused")
    vedette.start("gateway").wait_for("The gateway listens at")
    token = vedette.run("agents", "token", "triage-agent").split()[-1]
    clients = Clients(installed, tmp_path, vedette.url, token)

    async def run(command: str) -> str:
        variables = {"SENTRY_URL": vedette.url, "SENTRY_AUTH_TOKEN": token}
        variables |= {"SENTRY_ORG": ORGANIZATION, "SENTRY_PROJECT": "payments-api"}
        return (await clients.shell(command, **variables)).output

    resolve = f"sentry-cli issues resolve -i {issue['id']}"
    assert "http status: 409" in await run(resolve)
    assert sentry.issue(issue["id"])["status"] == "unresolved"
    (proposal,) = [json.loads(line) for line in vedette.run("proposals", "--json").splitlines()]
    vedette.run("approve", proposal["id"])
    assert sentry.issue(issue["id"])["status"] == "resolved"
    told = [json.loads(line) for line in vedette.run("audit", "--agent", "triage-agent", "--json").splitlines()]
    assert f"resolved {issue['shortId']}" in {entry["intent"] for entry in told}

    listed = await clients.inspector("--method", "tools/list")
    assert "update_issue" in listed.output
    vedette.run("agents", "revoke", "triage-agent", "--all")
    await asyncio.sleep(1)
    listing = await run("sentry-cli issues list")
    assert "401" in listing
    assert "PaymentError" not in listing
    listed = await clients.inspector("--method", "tools/list")
    assert "auth_required" in listed.output
    assert "update_issue" not in listed.output
