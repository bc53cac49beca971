from pathlib import Path

import pytest

from vedette.events.catalog import known_names
from vedette.plugins.discovery import discover
from vedette.plugins.registry import Registry
from vedette.settings.settings import Settings

HANDLER = "from vedette import on\n@on('issue.created')\nasync def {name}(event): ...\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "our_plugins"
    made.mkdir()
    return made


def find(*paths: Path) -> Registry:
    return discover(Settings(plugins=paths), frozenset(known_names()))


def sources(registry: Registry) -> dict[str, str]:
    return {name: one.source for name, one in registry.handlers.items() if not one.source.startswith("vedette ")}


def test_each_file_of_a_folder_is_a_plugin_but_tests_and_private_ones(folder: Path) -> None:
    for name in ("one", "two", "_private", "test_one", "conftest"):
        (folder / f"{name}.py").write_text(HANDLER.format(name=f"{name}_handler"))
    (folder / "notes.txt").write_text("not Python")
    assert sources(find(folder)) == {"one_handler": "our_plugins/one.py", "two_handler": "our_plugins/two.py"}


def test_a_package_s_modules_see_each_other(folder: Path) -> None:
    (folder / "__init__.py").write_text("from vedette import provide\n@provide\ndef chat(): ...\n")
    (folder / "alarm.py").write_text(
        "from . import chat\n" + HANDLER.format(name="alarm").replace("event", "event, chat")
    )
    (folder / "calm.py").write_text("from .alarm import alarm\n" + HANDLER.format(name="calm"))
    registry = find(folder)
    assert registry.problems == []
    assert sources(registry) == {"alarm": "our_plugins/alarm.py", "calm": "our_plugins/calm.py"}
    assert "chat" in registry.handlers["alarm"].takes


def test_one_that_cannot_be_taken_is_named_and_the_rest_goes_on(folder: Path, tmp_path: Path) -> None:
    (folder / "broken.py").write_text("import nowhere_to_be_found\n")
    (folder / "half.py").write_text(
        HANDLER.format(name="bad").replace("event)", "wrong)") + HANDLER.format(name="good")
    )
    (folder / "same.py").write_text(HANDLER.format(name="good"))
    other = tmp_path / "half.py"
    other.write_text(HANDLER.format(name="other"))
    registry = find(folder, other)
    assert sources(registry) == {"good": "our_plugins/half.py", "other": "half.py"}
    assert [problem.source for problem in registry.problems] == [
        f"our_plugins/{n}.py" for n in ("broken", "half", "same")
    ]
    assert "our_plugins/half.py already has a handler named good" in registry.problems[2].reason


def test_files_of_one_name_in_two_folders_are_two_modules(folder: Path, tmp_path: Path) -> None:
    (folder / "same.py").write_text(HANDLER.format(name="first"))
    (tmp_path / "same.py").write_text(HANDLER.format(name="second"))
    found = find(folder, tmp_path / "same.py").handlers
    assert found["first"].function.__module__ != found["second"].function.__module__


def test_an_empty_folder_is_named(folder: Path) -> None:
    (problem,) = find(folder).problems
    assert "holds no Python file" in problem.reason


def test_a_package_that_cannot_be_loaded_is_told_once(folder: Path) -> None:
    (folder / "__init__.py").write_text("from .a import one\n")
    (folder / "a.py").write_text("from .b import two\none = 1\n")
    (folder / "b.py").write_text("from .a import one\ntwo = 2\n")
    (problem,) = find(folder).problems
    assert problem.source == "our_plugins"
    assert "circular" in problem.reason
