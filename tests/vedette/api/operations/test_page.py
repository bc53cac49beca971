"""docs/api.md: its examples run, and its table is the code's."""

import ast
import asyncio
import inspect
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.vedette.api.stub import serving
from vedette.api import OPERATIONS, Sentry
from vedette.api.differences import DIFFERENCES
from vedette.api.operations.page import as_markdown
from vedette.simulator import ErrorReport, World, create_app, record_error
from vedette.simulator.options import SimulatorOptions
from vedette.simulator.process import build_world

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs/api.md").read_text()
PROGRAM, *EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TOKEN = "sntryi_of_the_page"
ORGANIZATION = "harbour-shop"


@pytest.fixture
def world() -> World:
    options = SimulatorOptions(organization=ORGANIZATION, token=TOKEN)
    world = build_world(options, "http://127.0.0.1")
    for level in ("fatal", "error"):
        report = ErrorReport("TypeError", f"a {level} basket", function=level, level=level)
        record_error(world, world.project_by_slug["payments-api"], report)
    return world


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    async with serving(create_app(world)) as found:
        yield found


async def test_the_program_at_the_top_runs_as_it_stands(url: str) -> None:
    environment = {
        **os.environ,
        "VEDETTE_TOKEN": TOKEN,
        "VEDETTE_ORGANIZATION": ORGANIZATION,
        "VEDETTE_SENTRY_URL": url,
        "PYTHONPATH": str(ROOT),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, errors.decode()
    assert "assigned PAYMENTS-API-1 to team payments" in output.decode()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.strip().splitlines()[0])
async def test_each_example_runs(example: str, url: str, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    first = next(issue.id for issue in world.issues.values() if issue.project.slug == "payments-api")
    text = example.replace('"42"', f'"{first}"')
    code = compile(text, "docs/api.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    async with Sentry(organization=ORGANIZATION, token=TOKEN, base_url=url) as sentry:
        names: dict[str, Any] = {"sentry": sentry}
        running = eval(code, names)  # noqa: S307  # the page is ours
        if inspect.isawaitable(running):
            await running
    printed = capsys.readouterr().out
    for expected in re.findall(r"print\(.*?\)  # (.*)", example):
        assert expected in printed


def test_the_table_is_the_codes() -> None:
    table = PAGE.partition("operations.page -->\n")[2].partition("<!-- end")[0]
    assert table.strip() == as_markdown(), "put what python -m vedette.api.operations.page prints into docs/api.md"


def test_the_table_of_old_servers_is_the_codes() -> None:
    for row in DIFFERENCES:
        assert f"| {row.name} | {row.newer} | {row.older} | {', '.join(row.seen_in)} |\n" in PAGE


def test_the_page_names_every_group() -> None:
    groups = {operation.group for operation in OPERATIONS.values()}
    assert all(f"sentry.{group}." in "".join(EXAMPLES) for group in groups)
