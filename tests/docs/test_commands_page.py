"""docs/commands.md is what the code says, and each command has examples that it takes."""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from console.command_help import examples_of
from console.examples import EXAMPLES
from console.main import app

DOCS = Path(__file__).parents[2] / "docs"
ROOT: Any = typer.main.get_command(app)
LONGEST = 72


def commands(group: Any = ROOT, path: str = "vedette") -> Iterator[str]:
    for name in group.list_commands(None):
        yield f"{path} {name}"
        command = group.get_command(None, name)
        if hasattr(command, "list_commands"):
            yield from commands(command, f"{path} {name}")


COMMANDS = list(commands())


def test_the_page_is_what_the_script_renders() -> None:
    spec = importlib.util.spec_from_file_location("render_commands", DOCS / "render_commands.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert script.render() == page, "run .venv/bin/python docs/render_commands.py"


@pytest.mark.parametrize("path", COMMANDS)
def test_each_command_has_two_examples_that_it_takes(path: str) -> None:
    found = examples_of(path)
    assert len(found) >= 2
    assert len(set(found)) == len(found)
    for example in found:
        assert len(example) <= LONGEST, example
        # Without variables before it, and without what the shell does with its output.
        words = shlex.split(re.split(r" [|>] ", example)[0])
        words = [word for word in words if not re.match(r"[A-Z_]+=", word)]
        assert words[0] == "vedette"
        command: Any = ROOT
        rest = words[1:]
        while hasattr(command, "list_commands") and rest and rest[0] in command.list_commands(None):
            command = command.get_command(None, rest[0])
            rest = rest[1:]
        assert command.make_context(path, rest).command is command


def test_there_are_no_examples_of_commands_that_are_none() -> None:
    assert {f"vedette {path}" for path in EXAMPLES} == set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_the_help_fits_80_columns_and_shows_examples_and_no_type_of_flags(path: str) -> None:
    runner = CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    short = runner.invoke(app, [*path.split()[1:], "-h"])
    assert short.exit_code == 0
    assert "<bool>" not in short.output
    assert all(f"$ {example}" in short.output for example in examples_of(path))
    assert max(map(len, short.output.splitlines())) <= 80
