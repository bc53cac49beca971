"""`vedette rules ready` lists the rules that come with Vedette, and prints them."""

import json
from pathlib import Path

from typer.testing import CliRunner

from console.commands.rules import app
from vedette.rules import read_rules


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["ready", *arguments])
    assert done.exit_code == code
    return done.output


def test_they_are_listed_and_printed(tmp_path: Path) -> None:
    assert "browser-extensions" in run()
    (tmp_path / "triage.toml").write_text(run("noise"))
    assert len(read_rules([tmp_path / "triage.toml"])) == 3
    assert {"name", "summary", "cost", "text"} == set(json.loads(run("noise", "--json")))


def test_an_unknown_name_is_answered_with_those_that_there_are() -> None:
    assert "noise" in run("nosie", code=2)
