"""The `sentry` command of getsentry/cli through the gateway, under four agents."""

from collections.abc import Callable

import pytest

from tests.clients.judgements import denial, intents, last_call, proposed, said
from tests.clients.programs import Clients, json_of
from tests.gateway.gateways import RunningGateway

ClientOf = Callable[[str], Clients]

# Command -> the operation that it calls first, the line that grants it, a part of what it shows.
READS = {
    "issue list acme/shop": ("issues.search", 'issues = "read"', "BadError"),
    "issue view SHOP-1": ("organizations.list", 'projects = "read"', "BadError"),
    "team list acme": ("organizations.list", 'projects = "read"', "payments"),
    "project list acme": ("organizations.list", 'projects = "read"', "bank"),
    "dsn list acme/shop": ("projects.keys", 'projects = "read"', "Default"),
}


async def test_a_login_with_the_agents_token_knows_the_agent(gateway: RunningGateway, client_of: ClientOf) -> None:
    cli = client_of("nobody")
    login = await cli.sentry("auth", "login", "--token", cli.token, "--url", gateway.url)
    assert login.code == 0, login.output
    assert "nobody@agents.vedette.invalid" in (await cli.sentry("auth", "whoami")).output
    assert gateway.sentry.seen == []


async def test_an_agent_without_access_sees_nothing(gateway: RunningGateway, client_of: ClientOf) -> None:
    cli = client_of("nobody")
    for command, (operation, line, shown) in READS.items():
        done = await cli.sentry(*command.split())
        assert done.code != 0
        assert denial("nobody", operation, line) in said(done)
        assert shown not in done.output
        assert (await last_call(gateway, "nobody")).text("decision").startswith("denied")
    assert gateway.sentry.seen == []


async def test_a_reader_reads_all_and_changes_nothing(gateway: RunningGateway, client_of: ClientOf) -> None:
    cli = client_of("reader")
    for command, (_, _, shown) in READS.items():
        done = await cli.sentry(*command.split())
        assert done.code == 0, done.output
        assert shown in done.output
    found = json_of(await cli.sentry("api", "/api/0/organizations/acme/monitors/"))
    assert [monitor["slug"] for monitor in found] == ["nightly"]
    done = await cli.sentry("issue", "resolve", "SHOP-1")
    assert done.code != 0
    assert denial("reader", "issues.update", 'triage = "write"') in said(done)
    assert gateway.sentry.writes() == []
    assert gateway.issues["first"].status == "unresolved"


@pytest.mark.parametrize("verb", ["resolve", "archive"])
async def test_a_proposal_is_an_error_to_the_client_and_waits(
    gateway: RunningGateway, client_of: ClientOf, verb: str
) -> None:
    done = await client_of("proposer").sentry("issue", verb, "SHOP-1")
    assert done.code != 0
    assert "409 Conflict" in done.output
    assert "wait for a person here, so it waits as proposal" in said(done)
    assert gateway.sentry.writes() == []
    assert gateway.issues["first"].status == "unresolved"
    (intent,) = await proposed(gateway)
    assert intent == {"resolve": "resolved SHOP-1", "archive": "archived SHOP-1 forever"}[verb]


async def test_an_actor_resolves_archives_reopens_and_merges(gateway: RunningGateway, client_of: ClientOf) -> None:
    cli, world = client_of("actor"), gateway.world
    first, second = gateway.issues["first"], gateway.issues["second"]
    for verb, status in (("resolve", "resolved"), ("unresolve", "unresolved"), ("archive", "ignored")):
        done = await cli.sentry("issue", verb, "SHOP-1")
        assert done.code == 0, done.output
        assert first.status == status
    done = await cli.sentry("issue", "merge", "SHOP-1", "SHOP-2")
    assert done.code == 0, done.output
    assert len({first.id, second.id} & set(world.issues)) == 1
    assert gateway.issues["foreign"].status == "unresolved"
    *changes, merge = await intents(gateway, "actor")
    assert changes == ["resolved SHOP-1", "reopened SHOP-1", "archived SHOP-1 forever"]
    assert merge in {"merged SHOP-1 and SHOP-2", "merged SHOP-2 and SHOP-1"}
