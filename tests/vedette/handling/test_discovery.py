from pathlib import Path

import pytest

from vedette.events.catalog import known_names
from vedette.handling.discovery import discover
from vedette.handling.registry import Registry
from vedette.settings import HandlerSettings, Settings

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
