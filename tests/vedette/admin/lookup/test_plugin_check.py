"""A plugin is checked as a worker would load it: what is wrong is said without one."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.main import app
from vedette.admin.lookup.plugin_check import check_plugin
from vedette.admin.names import UnknownNameError
from vedette.settings.settings import Settings

GOOD = """
from vedette import Event, on

@on("issue.created")
async def fine(event: Event) -> None:
    "Do nothing."
"""
SETTING = """
from pydantic import BaseModel
from vedette import Event, on

class Options(BaseModel):
    channel: str

@on("issue.created")
async def needs_channel(event: Event, settings: Options) -> None:
    "Do nothing."
"""


def check(path: Path, text: str) -> Any:
    path.write_text(text)
    return check_plugin(str(path), Settings())


def test_a_good_file_has_its_handler(tmp_path: Path) -> None:
    found = check(tmp_path / "good.py", GOOD)
    assert [one.name for one in found.handlers] == ["fine"]
    assert not found.problems


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("issue.created", "issue.creatd", "did you mean"),
        ("event: Event", "evnt: Event", "evnt"),
        ('@on("issue.created")', '@on("issue.created", needs=("event:wirte",))', "event:write"),
        ('@on("issue.created")', '@on("issue.created", when="level:fatal AND (")', "column"),
        ("async def", "async dfe", "cannot be imported"),
        ("@on", "#", "it has no handler"),
    ],
)
def test_a_mistake_is_told(before: str, after: str, told: str, tmp_path: Path) -> None:
    found = check(tmp_path / "wrong.py", GOOD.replace(before, after))
    assert told in "\n".join(problem.reason for problem in found.problems)


def test_a_setting_that_the_operator_gives_is_no_mistake(tmp_path: Path) -> None:
    found = check(tmp_path / "one.py", SETTING)
    assert not found.problems
    (off,) = found.off
    assert "channel" in off.remedy


def test_a_project_is_found_by_its_pyproject(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    package = folder / "vedette_checked_plugin"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "handlers.py").write_text(GOOD)
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (problem,) = check_plugin(str(folder), Settings()).problems
    assert "vedette.handlers" in problem.reason
    offered = "[project.entry-points.'vedette.handlers']\nfine = 'vedette_checked_plugin.handlers'\n"
    (folder / "pyproject.toml").write_text(offered)
    assert [one.name for one in check_plugin(str(folder), Settings()).handlers] == ["fine"]


def test_an_installed_package_is_found_by_its_name_and_a_misspelt_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "triage" in {one.name for one in check_plugin("vedette", Settings()).handlers}
    with pytest.raises(UnknownNameError, match="did you mean vedette"):
        check_plugin("vedete", Settings())


def test_the_command_ends_with_what_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "wrong.py").write_text(GOOD.replace("issue.created", "issue.creatd"))

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["handlers", "check", *arguments])

    good = run("good.py")
    assert (good.exit_code, good.output) == (0, "fine: issue.created\n")
    wrong = run("good.py", "wrong.py", "--json")
    assert wrong.exit_code == 1
    assert [sorted(json.loads(line)) for line in wrong.output.splitlines()] == [
        ["events", "handler", "needs"],
        ["problem", "source"],
    ]
    assert run("nothing_of_this_name").exit_code == 2
