"""The examples on the pages about handlers and access are loaded here unchanged."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from vedette.events.catalog import known_names
from vedette.plugins.discovery import discover
from vedette.settings.settings import HandlerSettings, Settings
from vedette.testing import SentryWorld

DOCS = Path(__file__).parents[2] / "docs"
IMPORTS = "from vedette import Context, Event, Sentry, on\n\n\n"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


@pytest.mark.parametrize("page", ["handlers.md", "access.md"])
def test_each_example_is_taken_as_written(page: str, tmp_path: Path) -> None:
    for number, text in enumerate(text for text in blocks(page, "python") if "def test_" not in text):
        file = tmp_path / f"example_{number}.py"
        file.write_text(text if "import" in text else IMPORTS + text)
        registry = discover(Settings(plugins=(file,), provide=_tables_in(text, tmp_path)), frozenset(known_names()))
        assert registry.problems == []
        assert len(registry.handlers) == 2


def _tables_in(example: str, folder: Path) -> dict[str, Any]:
    """The tables of the page for the providers of an example, with files that exist here."""
    (folder / "chat-webhook").write_text("https://chat.example/1")
    texts = [text.replace("/etc/vedette", str(folder)) for text in blocks("handlers.md", "toml")]
    tables = [table for text in texts for table in tomllib.loads(text).get("provide", {}).items()]
    return {name: table for name, table in tables if f"def {name}(" in example}


def test_the_tests_of_the_guide_s_first_handler_pass_as_written(tmp_path: Path) -> None:
    examples = blocks("handlers.md", "python")
    (tmp_path / "my_handlers.py").write_text(examples[0])
    (tmp_path / "test_my_handlers.py").write_text(next(text for text in examples if "def test_" in text))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def example(words: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(next(text for text in blocks("handlers.md", "python") if words in text), scope)  # noqa: S102 - our own page
    return scope


def test_the_guide_s_morning_counts_what_waits(sentry_world: SentryWorld) -> None:
    delivered = sentry_world.deliver(example("@every")["morning"], "schedule.due")
    assert delivered.error is None
    assert "issues wait for review" in delivered.did[0]


def test_the_guide_s_reminder_comments_until_somebody_has_the_issue(sentry_world: SentryWorld) -> None:
    remind = example("ctx.later")["remind"]
    delivered = sentry_world.deliver(remind, "issue.created")
    for number in (1, 2):
        assert delivered.error is None
        (later,) = delivered.later
        assert (later.after, later.data) == (86_400, {"days": number})
        delivered = later.run()
    assert [comment.text[:5] for comment in sentry_world.issue.comments] == ["Day 1", "Day 2"]
    sentry_world.issue.status = "resolved"
    assert delivered.later[0].run().later == ()


@pytest.mark.parametrize("page", ["handlers.md", "access.md"])
def test_each_table_of_a_handler_is_valid(page: str) -> None:
    found = [tomllib.loads(text) for text in blocks(page, "toml")]
    tables = [table for text in found for table in text.get("handlers", {}).values()]
    assert tables
    for table in tables:
        HandlerSettings.model_validate(table)


@pytest.mark.parametrize("page", ["handlers.md", "access.md"])
def test_every_page_that_is_named_is_there(page: str) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", (DOCS / page).read_text(encoding="utf-8")):
        assert (DOCS / link).exists(), link
