"""The settings in force, each with its place, and no secret among them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.main import app

SECRET = "6f1d0c7a9b3e5d2f8a4c6e0b1d3f5a7c"
FILE = f"""
plugins = ["my.py"]
[worker]
threads = 7
[integrations.acme]
client_secret = "{SECRET}"
token = "sntryi_{SECRET}{SECRET}"
organization = "acme"
[channels.ops]
kind = "slack"
url = "https://hooks.slack.com/services/T0/B0/{SECRET}"
[handlers.notify]
mode = "observe"
api_token = "{SECRET}"
limit = 3
[provide.database]
url = "postgres://ann:{SECRET}@db.example/shop"
"""


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["config", *arguments])


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vedette.toml").write_text(FILE)
    (tmp_path / "secret").write_text(SECRET)
    monkeypatch.setenv("VEDETTE_RECEIVER__REDIS_TIMEOUT", "0.2")
    monkeypatch.setenv("VEDETTE_REDIS_URL", f"redis://:{SECRET}@redis.example:6379/0")
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    shown = run("--json")
    assert shown.exit_code == 0, shown.output
    assert SECRET not in shown.output
    return {one["setting"]: one for one in map(json.loads, shown.output.splitlines())}


def test_each_setting_says_where_it_comes_from(settings: dict[str, Any]) -> None:
    places = {
        "worker.threads": (7, "vedette.toml:4"),
        "worker.attempts": (6, "default"),
        "plugins": (["my.py"], "vedette.toml:2"),
        "receiver.redis_timeout": (0.2, "VEDETTE_RECEIVER__REDIS_TIMEOUT"),
        "integrations.acme.organization": ("acme", "vedette.toml:8"),
        "integrations.acme.token": ("***", "vedette.toml:7"),
        "integrations.default.client_secret": (["***"], "VEDETTE_CLIENT_SECRET_FILE"),
        "handlers.notify.mode": ("observe", "vedette.toml:13"),
        "handlers.notify.api_token": ("***", "vedette.toml:14"),
        "handlers.notify.limit": (3, "vedette.toml:15"),
        "port": (8650, "default"),
    }
    assert {name: (settings[name]["value"], settings[name]["from"]) for name in places} == places
    assert settings["redis_url"]["value"] == "redis://:***@redis.example:6379/0"
    assert settings["provide.database.url"]["value"] == "postgres://***@db.example/shop"


@pytest.mark.usefixtures("settings")
def test_a_table_and_what_was_changed_are_shown_alone() -> None:
    assert [line.split()[0] for line in run("worker").output.splitlines()[1:3]] == ["worker.threads", "worker.attempts"]
    changed = run("worker", "--changed").output
    assert "worker.threads" in changed
    assert "worker.attempts" not in changed


@pytest.mark.usefixtures("settings")
def test_a_setting_that_is_none_is_refused_with_the_nearest() -> None:
    ended = run("worker.thread")
    assert ended.exit_code == 2
    assert "did you mean worker.threads?" in ended.stderr


def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vedette.toml").write_text("\n[worker]\nthread = 3\n")
    ended = run()
    assert ended.exit_code == 2
    assert "`worker.thread` in vedette.toml, line 3 is not a setting: did you mean threads?" in ended.stderr
