"""The pages about alarms and the status: their settings load, and each alarm, option and line is on them."""

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

from console.main import app
from vedette.admin import status_lines
from vedette.alarms.alarms import AlarmKind
from vedette.settings.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
ALARMS, STATUS = ((DOCS / name).read_text(encoding="utf-8") for name in ("alarms.md", "status.md"))


def test_the_tables_are_settings(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```toml\n(.*?)^```", ALARMS, re.DOTALL | re.MULTILINE)
    (tmp_path / "slack-ops").write_text("https://hooks.slack.com/services/T0/B0/x\n")
    tables: dict[str, Any] = tomllib.loads(text.replace("/etc/vedette", str(tmp_path)))
    assert Settings(**tables).alarms.channel == "ops"


def test_each_alarm_has_a_row_with_a_command_that_there_is() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| `vedette ([a-z]+)` \|$", ALARMS, re.MULTILINE)
    assert sorted(kind for kind, _ in rows) == sorted(get_args(AlarmKind))
    commands = {command for _, command in rows}
    assert commands <= {"status", "dead", "deliveries", "doctor", "reconcile"}


@pytest.mark.parametrize("option", ["--watch", "--json"])
def test_the_options_of_the_status_are_those_of_the_command(option: str) -> None:
    shown = CliRunner().invoke(app, ["status", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).output
    assert f"`{option}`" in STATUS
    assert option in shown


def test_each_line_of_the_status_is_on_the_page() -> None:
    source = Path(status_lines.__file__).read_text(encoding="utf-8")
    names = set(re.findall(r'StatusLine\("(\w+)"', source))
    assert {"receiver", "redis", "dead", "alarm"} <= names
    shown = STATUS.partition("```")[2].partition("```")[0]
    assert {name for name in names if not re.search(rf"^{name}\b", shown, re.MULTILINE)} <= {"alarms"}
