"""A team, member, project or release that rules name and Sentry does not have is reported once a worker has started."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from console.rendering.handler_table import print_handlers
from console.rendering.terminal import make_console
from vedette.admin.handlers import HandlerOverview
from vedette.settings.settings import Settings
from vedette.simulator import RateLimits, World, create_app
from vedette.simulator.world import builders
from vedette.store.access.handler_roster import HandlerRoster, read_roster
from vedette.testing.servers import served
from workers.runtime import Runtime, make_runtime

RULE = """
[[rule]]
name = "a"
on = "issue.created"
projects = ["shop"]
when = "release:2.0"
then = [{ assign = "#paymets" }, { assign = "ann@acme.example" }, { assign = "bob@acme.example" }]
"""
TEAM = 'Sentry has no team "paymets": expected a team\'s slug: did you mean "payments"?'
ALL = ("org:read", "member:read", "project:releases")
Make = Callable[..., Runtime]


@pytest.fixture
async def started(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Makes the runtime of a worker with a token of some scopes, with rules beside its settings."""
    monkeypatch.setenv("VEDETTE_CONFIG", str(tmp_path / "vedette.toml"))
    (tmp_path / "vedette.toml").touch()
    (tmp_path / "triage.toml").write_text(RULE)
    world = World("acme", seed=1)
    project = builders.add_project(world, "shop", teams=[builders.add_team(world, "payments")])
    builders.add_member(world, "ann@acme.example", "Ann Lee")
    builders.add_release(world, "1.0", [project])
    runtimes: list[Runtime] = []
    with served(create_app(world, limits=RateLimits(manner="self-hosted"))) as url:

        def make(*scopes: str, at: str = url) -> Runtime:
            own = builders.add_integration(world, scopes=scopes)
            token = builders.add_token(world, "internal", scopes, integration=own)
            values = {"client_secret": "s" * 32, "token": token.secret, "organization": "acme", "sentry_url": at}
            runtimes.append(make_runtime(Settings.model_validate({"integrations": {"default": values}}), redis_url))
            return runtimes[-1]

        yield make
        for runtime in runtimes:
            await runtime.close()


async def looked(runtime: Runtime) -> HandlerRoster:
    """The handler list after the worker's check."""
    assert runtime.checking is not None
    await asyncio.wait_for(runtime.checking, 60)
    roster = await read_roster(runtime.client)
    assert roster is not None
    return roster


async def told(runtime: Runtime) -> dict[str, str]:
    """Line and column -> the problem there."""
    roster = await looked(runtime)
    return {one.source.partition("triage.toml:")[2]: one.reason for one in roster.problems}


async def test_each_place_is_told_in_the_log_and_in_the_list(started: Make, capsys: pytest.CaptureFixture[str]) -> None:
    runtime = started(*ALL)
    with capture_logs() as logs:
        await runtime.start()
        found = await told(runtime)
    assert found.keys() == {"6:17", "7:20", "7:78"}
    assert found["7:20"] == TEAM
    assert {log["source"].partition("triage.toml:")[2] for log in logs if log["event"] == "unknown name in rules"} == {
        *found
    }
    print_handlers(make_console(), HandlerOverview(await looked(runtime)), as_json=False)
    shown = capsys.readouterr().out
    assert f"triage.toml:7:20: {TEAM}" in shown
    assert "left out" not in shown


async def test_rules_that_change_are_asked_for_anew(started: Make, tmp_path: Path) -> None:
    runtime = started(*ALL)
    await runtime.start()
    assert "7:20" in await told(runtime)
    better = RULE.replace("#paymets", "#payments").replace("bob@", "ann@").replace('"shop"', '"shpo"')
    (tmp_path / "triage.toml").write_text(better)
    async with asyncio.timeout(30):
        while (await told(runtime)).keys() != {"5:13", "6:17"}:  # noqa: ASYNC110 - the worker looks by itself
            await asyncio.sleep(0.1)


async def test_nothing_is_said_of_what_sentry_does_not_tell(started: Make) -> None:
    for runtime in (started("event:read"), started(*ALL, at="http://127.0.0.1:9")):
        await runtime.start()
        assert await told(runtime) == {}
    runtime = started("team:read")
    await runtime.start()
    assert (await told(runtime)).keys() == {"7:20"}
