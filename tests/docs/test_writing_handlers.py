"""The author's guide: its plugin loads with the grant that it shows, and its tests pass as written."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from vedette.events.catalog import known_names
from vedette.plugins.access_summary import find_missing_access
from vedette.plugins.discovery import discover
from vedette.settings.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "writing-handlers.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_plugin_is_taken_as_written_and_the_grant_is_all_it_lacks(tmp_path: Path) -> None:
    (handler,) = (text for text in blocks("python") if text.startswith("# night_watch.py"))
    (tmp_path / "night_watch.py").write_text(handler)
    tables = tomllib.loads(blocks("toml")[0])
    registry = discover(Settings(plugins=(tmp_path / "night_watch.py",), **tables), frozenset(known_names()))
    assert registry.problems == []
    handler = registry.handlers["night_watch"]
    assert handler.mode == "observe"
    assert find_missing_access(handler) == ()


def test_its_tests_pass_as_written(tmp_path: Path) -> None:
    for text in blocks("python"):
        (tmp_path / text.partition("\n")[0].removeprefix("# ")).write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_every_page_that_is_named_is_there() -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", PAGE):
        assert (DOCS / link).exists(), link


def test_a_forgotten_await_fails_the_test_that_the_page_begins_with(tmp_path: Path) -> None:
    for text in blocks("python"):
        forgetful = text.replace("await sentry.issues.comment(", "sentry.issues.comment(")
        (tmp_path / text.partition("\n")[0].removeprefix("# ")).write_text(forgetful)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stdout
    assert "ForgottenAwait" in done.stdout


def test_the_page_begins_with_the_test() -> None:
    assert blocks("python")[0].startswith("# test_night_watch.py")
