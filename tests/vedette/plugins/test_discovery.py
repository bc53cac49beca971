from pathlib import Path

import pytest
from structlog.testing import capture_logs

from vedette.events.catalog import known_names
from vedette.plugins import module_loader
from vedette.plugins.discovery import discover
from vedette.plugins.registry import Registry
from vedette.settings.settings import HandlerSettings, Settings

KNOWN = frozenset(known_names())


def find(tmp_path: Path, text: str, **handlers: HandlerSettings) -> Registry:
    file = tmp_path / "plugin.py"
    file.write_text(text)
    return discover(Settings(plugins=(file,), handlers=handlers), KNOWN)


def test_the_bundled_handler_is_found_like_any_other_and_acts() -> None:
    registry = discover(Settings(), KNOWN)
    assert registry.handlers["triage"].mode == "act"
    assert registry.problems == []


def test_a_handler_in_a_file_only_observes_until_it_is_allowed_to_act(tmp_path: Path) -> None:
    text = "from vedette import on\n@on('issue.created')\nasync def hello(event, sentry, ctx, log): ...\n"
    assert find(tmp_path, text).handlers["hello"].mode == "observe"
    assert find(tmp_path, text, hello=HandlerSettings(mode="act")).handlers["hello"].mode == "act"


def test_a_handler_can_be_switched_off(tmp_path: Path) -> None:
    text = "from vedette import on\n@on('*')\nasync def hello(event): ...\n"
    assert "hello" not in find(tmp_path, text, hello=HandlerSettings(enabled=False)).handlers


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import nowhere_to_be_found\n", "nowhere_to_be_found"),
        ("raise SystemExit(3)\n", "SystemExit"),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
        ("raise BaseException('base')\n", "BaseException: base"),
        ("raise GeneratorExit\n", "GeneratorExit"),
        ("import asyncio\nraise asyncio.CancelledError\n", "CancelledError"),
        (
            "class Odd(Exception):\n    def __str__(self):\n        raise SystemExit\nraise Odd\n",
            "without readable text",
        ),
        ("raise ValueError('half \\ud83d')\n", "half \\ud83d"),
        (
            "from vedette import on\n@on('*')\nasync def hi(event): ...\nglobals()['hi\\ud83d'] = hi\ndel hi\n",
            "cannot be a handler's name",
        ),
        (
            "from vedette import on\n@on('*')\nasync def hello(event: 'exit()'): ...\n",
            "hello cannot be used: SystemExit",
        ),
        ("def broken(:\n", "SyntaxError"),
        ("from vedette import on\n@on('issue.create')\nasync def hello(event): ...\n", '@on("issue.created")'),
        ("from vedette import on\n@on('*')\ndef hello(event, sentry): ...\n", "async def hello"),
        ("from vedette import on\n@on()\nasync def hello(event): ...\n", "@on("),
        ("from vedette import on\n@on\nasync def hello(event): ...\n", "@on("),
        ("from vedette import on\n@on('*')\nasync def hello(event, wrong): ...\n", "`wrong`"),
        ("from vedette import on\n@on('*')\nasync def triage(event): ...\n", "already has a handler named triage"),
    ],
)
def test_a_plugin_that_cannot_be_taken_is_named_and_the_rest_goes_on(tmp_path: Path, text: str, told: str) -> None:
    registry = find(tmp_path, text)
    assert "triage" in registry.handlers
    assert [problem.source for problem in registry.problems] == ["plugin.py"]
    assert told in registry.problems[0].reason


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    registry = discover(Settings(plugins=(tmp_path / "nowhere.py",)), KNOWN)
    assert "nowhere.py" in registry.problems[0].source


def test_a_lazy_object_of_a_module_is_not_touched(tmp_path: Path) -> None:
    """As werkzeug's `request` and Django's `settings` are: each attribute, `__class__` too, needs a context."""
    text = """
from vedette import on

class Lazy:
    def __getattribute__(self, name):
        raise RuntimeError("working outside of a request")

request = Lazy()

@on("issue.created")
async def hello(event, request): ...

@on("issue.created")
async def other(event): ...
"""
    registry = find(tmp_path, text)
    assert "other" in registry.handlers
    (problem,) = registry.problems
    assert "`request`" in problem.reason


def test_a_plugin_that_changes_the_working_directory_moves_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a_moves.py").write_text("import os\nos.chdir('/')\n")
    (tmp_path / "b_good.py").write_text("from vedette import on\n@on('*')\nasync def hello(event): ...\n")
    registry = discover(Settings(plugins=(Path("a_moves.py"), Path("b_good.py"))), KNOWN)
    assert registry.problems == []
    assert "hello" in registry.handlers


def test_a_plugin_that_takes_long_to_load_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_loader, "SLOW", 0.05)
    text = """
import time, structlog
while not structlog.get_config()["processors"][0].entries:
    time.sleep(0.01)
"""
    with capture_logs() as entries:
        assert find(tmp_path, text).problems == []
    assert [entry["source"] for entry in entries] == ["plugin.py"]
    assert "time.sleep(0.01)" in entries[0]["at"] or "while not" in entries[0]["at"]
