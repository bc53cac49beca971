"""@sentry/cli through the gateway: what each of four agents can do with it, and with which words it is refused."""

from collections.abc import Callable

import pytest

from tests.clients.judgements import calls_of, denial, intents, last_call, proposed, said
from tests.clients.programs import Clients
from tests.gateway.gateways import RunningGateway

ClientOf = Callable[[str], Clients]

# Command -> the operation that it calls, the line that grants it, a part of what it shows.
READS = {
    "organizations list": ("organizations.list", 'projects = "read"', "acme"),
    "projects list": ("organizations.projects", 'projects = "read"', "shop"),
    "issues list": ("issues.list_for_project", 'issues = "read"', "BadError"),
    "events list": ("events.list_for_project", 'issues = "read"', "BadError"),
    "releases list": ("releases.list_for_project", 'releases = "read"', "shop@1.0"),
    "deploys list -r shop@1.0": ("releases.deploys", 'releases = "read"', "production"),
    "repos list": ("organizations.repositories", 'organization = "read"', "acme/shop"),
    "monitors list": ("monitors.list", 'alerts = "read"', "nightly"),
}
RELEASE = "9.9.9"
COMMIT = f"acme/shop@{'b' * 40}"
# Command -> the operation that it calls, the line that grants it, how the audit tells it.
WRITES = {
    "issues resolve -i {first}": ("issues.update_in_project", 'triage = "write"', "resolved SHOP-1"),
    "issues unresolve -i {first}": ("issues.update_in_project", 'triage = "write"', "reopened SHOP-1"),
    "issues mute --status unresolved": (
        "issues.update_in_project",
        'triage = "write"',
        "archived SHOP-2 and SHOP-1 forever",
    ),
    f"releases new {RELEASE}": ("releases.create", 'releases = "write"', f"created a release: version {RELEASE}"),
    f"releases finalize {RELEASE}": ("releases.update", 'releases = "write"', "changed ref, url, date or commits"),
    f"deploys new -r {RELEASE} -e live": ("releases.create_deploy", 'releases = "write"', "recorded a deploy"),
    f"releases set-commits {RELEASE} --commit {COMMIT}": ("releases.create", 'releases = "write"', "created a release"),
    f"releases delete {RELEASE}": ("releases.delete", 'releases = "full"', "deleted a release and its files"),
}


def ids(gateway: RunningGateway, command: str) -> list[str]:
    return command.format(**{name: issue.id for name, issue in gateway.issues.items()}).split()


async def test_an_agent_without_access_sees_nothing_and_is_told_what_would_allow_it(
    gateway: RunningGateway, client_of: ClientOf
) -> None:
    cli = client_of("nobody")
    for command, (operation, line, shown) in READS.items():
        done = await cli.sentry_cli(*command.split())
        assert done.code == 1
        assert "http status: 403" in done.output
        assert denial("nobody", operation, line) in said(done)
        assert shown not in done.output
        entry = await last_call(gateway, "nobody")
        assert (entry.text("operation"), entry.text("decision").partition(":")[0]) == (operation, "denied")
    assert len(await calls_of(gateway, "nobody")) == len(READS)
    assert gateway.sentry.seen == []


@pytest.mark.parametrize("agent", ["nobody", "reader"])
async def test_info_shows_the_agent_and_its_own_scopes(
    gateway: RunningGateway, client_of: ClientOf, agent: str
) -> None:
    shown = (await client_of(agent).sentry_cli("info")).output
    assert f"User: {agent}@agents.vedette.invalid" in shown
    assert ("- event:read" in shown) == (agent == "reader")
    assert "event:admin" not in shown
    assert gateway.sentry.seen == []


async def test_a_reader_reads_all_and_changes_nothing(gateway: RunningGateway, client_of: ClientOf) -> None:
    cli = client_of("reader")
    for command, (_, _, shown) in READS.items():
        done = await cli.sentry_cli(*command.split())
        assert done.code == 0, done.output
        assert shown in done.output
    reads = len(gateway.sentry.seen)
    assert reads >= len(READS)
    for command in ("issues resolve -i {first}", f"releases new {RELEASE}", "releases delete shop@1.0"):
        done = await cli.sentry_cli(*ids(gateway, command))
        operation, line, _ = WRITES.get(command, ("releases.delete", 'releases = "full"', ""))
        assert done.code == 1
        assert denial("reader", operation, line) in said(done)
        assert (await last_call(gateway, "reader")).text("decision").startswith("denied")
    assert gateway.sentry.writes() == []
    assert set(gateway.world.releases) == {"shop@1.0"}


async def test_what_a_proposer_writes_waits_for_a_person_and_is_no_success_to_the_client(
    gateway: RunningGateway, client_of: ClientOf
) -> None:
    cli = client_of("proposer")
    for command, (operation, _, told) in WRITES.items():
        done = await cli.sentry_cli(*ids(gateway, command))
        assert done.code == 1
        assert "http status: 409" in done.output
        assert "writes of agent proposer wait for a person here, so it waits as proposal" in said(done)
        entry = await last_call(gateway, "proposer")
        assert (entry.text("operation"), entry.text("decision").partition(" ")[0]) == (operation, "proposed")
        assert entry.text("intent").startswith(told)
    assert gateway.sentry.writes() == []
    assert {issue.status for issue in gateway.issues.values()} == {"unresolved"}
    waiting = await proposed(gateway)
    assert len(waiting) == len(WRITES)
    assert all(any(intent.startswith(told) for intent in waiting) for _, _, told in WRITES.values())


async def test_an_actor_changes_what_it_may_and_the_audit_tells_it_in_words(
    gateway: RunningGateway, client_of: ClientOf
) -> None:
    cli, world = client_of("actor"), gateway.world
    first, second = gateway.issues["first"], gateway.issues["second"]
    seen: list[object] = []
    for command in WRITES:
        done = await cli.sentry_cli(*ids(gateway, command))
        assert done.code == 0, done.output
        release = world.releases.get(RELEASE)
        deploys = [deploy.environment for deploy in release.deploys] if release else []
        seen.append((first.status, second.status, release is not None, deploys))
    assert seen == [
        ("resolved", "unresolved", False, []),
        ("unresolved", "unresolved", False, []),
        ("ignored", "ignored", False, []),
        ("ignored", "ignored", True, []),
        ("ignored", "ignored", True, []),
        ("ignored", "ignored", True, ["live"]),
        ("ignored", "ignored", True, ["live"]),
        ("ignored", "ignored", False, []),
    ]
    assert gateway.issues["foreign"].status == "unresolved"
    # To set commits it creates the release, which exists, and changes it.
    expected = [told for _, _, told in WRITES.values()]
    expected.insert(-1, "changed ref, url, date or commits")
    told = await intents(gateway, "actor")
    assert [start for start, intent in zip(expected, told, strict=True) if intent.startswith(start)] == expected
    entry = await last_call(gateway, "actor")
    assert entry.text("source").startswith("agent actor (sentry-cli/3.8.0")


async def test_what_is_no_operation_is_refused_to_every_agent(gateway: RunningGateway, client_of: ClientOf) -> None:
    cli = client_of("actor")
    (cli.home / "dist").mkdir()
    (cli.home / "dist/app.js").write_text("throw 1;\n//# sourceMappingURL=app.js.map\n")
    (cli.home / "dist/app.js.map").write_text('{"version": 3, "sources": [], "mappings": ""}')
    done = await cli.sentry_cli("sourcemaps", "upload", "dist", "--release", "shop@1.0")
    assert done.code == 1
    assert "Vedette knows no operation behind GET /api/0/organizations/acme/chunk-upload/" in said(done)
    assert gateway.sentry.writes() == []


async def test_a_change_by_search_is_refused_with_the_number_of_issues_above_the_bound(
    gateway: RunningGateway, client_of: ClientOf
) -> None:
    done = await client_of("careful").sentry_cli("issues", "mute", "--status", "unresolved")
    assert done.code == 1
    assert "http status: 403" in done.output
    assert "2 issues" in said(done)
    assert gateway.sentry.writes() == []
    assert (await last_call(gateway, "careful")).text("decision").startswith("denied")
