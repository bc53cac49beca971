"""`vedette doctor` as a process: its lines, its steps, its JSON, its exit codes, and every command of its page."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.responses import RedirectResponse

from tests.vedette.checks.installation import SECRET, Installation, MovedClock, installed
from vedette.store.receivers.receiver_status import ReceiverStatuses
from vedette.store.server.clock import server_time
from vedette.store.server.keys import WORKERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from vedette.simulator import Issue

PAGE = (Path(__file__).parents[3] / "docs" / "doctor.md").read_text(encoding="utf-8")
TABLE = PAGE.split("## What is checked")[1].split("Where the settings")[0]
CHECKS = [line.split("`")[1] for line in TABLE.splitlines() if line.startswith("| `")]


@dataclass
class Run:
    """One run of the command."""

    code: int
    output: str
    errors: str
    seconds: float

    def findings(self) -> dict[str, dict[str, Any]]:
        return {found["check"]: found for found in map(json.loads, self.output.splitlines())}


@dataclass
class Site:
    """An installation that the command finds by its settings."""

    town: Installation
    folder: Path
    issue: Issue

    async def run(self, *arguments: str, settings: str = "") -> Run:
        town = self.town
        integration = town.settings.integrations["default"]
        assert integration.token is not None
        assert town.settings.redis_url is not None
        (self.folder / "vedette.toml").write_text(
            f'redis_url = "{town.settings.redis_url.get_secret_value()}"\nstate_dir = "{self.folder}"\n{settings}\n'
            f'[integrations.default]\nclient_secret = "{SECRET}"\ntoken = "{integration.token.get_secret_value()}"\n'
            f'organization = "acme"\nsentry_url = "{integration.sentry_url}"\napp = "vedette"\n'
            f'public_url = "{integration.public_url}"\n'
        )
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")}
        now = round(await server_time(town.client) * 1000)
        # A worker that will be alive while the command runs.
        await town.client.zadd(WORKERS, {"worker": now + 30_000})
        await ReceiverStatuses(town.client).write(town.services.status_report.make())
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "console", "doctor", *arguments),
            cwd=self.folder,
            env=inherited | {"NO_COLOR": "1"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode is not None
        return Run(process.returncode, output.decode(), errors.decode(), time.monotonic() - began)


@pytest.fixture
async def site(redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with installed(redis_url, tmp_path, MovedClock()) as town:
        await town.client.config_set("appendonly", "yes")
        (event,) = await town.happen()
        yield Site(town, tmp_path, event.issue)
        await town.client.config_set("appendonly", "no")


async def test_a_healthy_installation_is_well_and_each_check_has_its_line(site: Site) -> None:
    run = await site.run()
    assert (run.code, run.output.splitlines()[-1]) == (0, "All is well."), run.output + run.errors
    assert "Do this:" not in run.output
    shown = [words[1] for line in run.output.splitlines() if len(words := line.split()) > 1 and words[0] == "ok"]
    assert sorted(shown) == sorted(CHECKS)
    assert max(map(len, run.output.splitlines())) <= 80


async def test_a_fault_has_its_line_its_numbered_step_and_exit_code_2(site: Site) -> None:
    site.town.proxy.instead = RedirectResponse("https://www.acme.example/hooks", 301)
    run = await site.run()
    assert run.code == 2
    assert re.search(r"^BROKEN +public_url +http://127\.0\.0\.1:", run.output, re.MULTILINE)
    assert "Do this:\n  1. Enter https://www.acme.example/hooks in Sentry" in run.output
    assert run.output.endswith("Something is broken.\n")


async def test_warnings_alone_end_with_1(site: Site) -> None:
    await site.town.client.config_set("appendonly", "no")
    run = await site.run("--offline")
    assert run.code == 1
    assert "  1. Set `appendonly yes`" in run.output


async def test_settings_that_cannot_be_used_are_findings_with_the_nearest_name(site: Site) -> None:
    run = await site.run("--json", settings="[receiver]\nbodylimit = 5")
    assert run.code == 2
    (found,) = [json.loads(line) for line in run.output.splitlines()]
    assert (found["check"], found["cause"]) == ("settings", "settings_invalid")
    assert found["mend"] == ["Write body_limit"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--integration", "defualt"), "did you mean default?"),
        (("--probe", "SHOP-1", "--offline"), "without --offline"),
    ],
)
async def test_what_makes_no_sense_is_told(site: Site, arguments: tuple[str, ...], sentence: str) -> None:
    run = await site.run(*arguments)
    assert (run.code, run.output) == (2, "")
    assert sentence in run.errors


async def test_every_command_of_its_page_runs(site: Site) -> None:
    (block,) = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for command in block.replace("SHOP-1", site.issue.short_id).splitlines():
        run = await site.run(*command.removeprefix("vedette doctor").split())
        assert run.code == 0, f"{command}\n{run.output}{run.errors}"
        if "--json" in command:
            found = run.findings()["public_url"]
            assert (found["state"], found["integration"]) == ("ok", "default")
