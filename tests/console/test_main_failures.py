"""A command that ends with a sentence writes that sentence, and no log line before it."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def test_a_command_that_fails_writes_its_sentence_and_nothing_else(tmp_path: Path) -> None:
    variables = {
        "PATH": os.environ["PATH"],
        "VEDETTE_CLIENT_SECRET": "s" * 32,
        "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
        "VEDETTE_ORGANIZATION": "acme",
        # Nobody listens there, and the client says in its log how often it tried.
        "VEDETTE_SENTRY_URL": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, "-m", "console", "rules", "test", "--issue", "1"],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("No answer (ConnectError) came")
    assert len(done.stderr.splitlines()) == 1


def run(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")}
    return subprocess.run(
        [sys.executable, "-m", "console", *arguments],
        cwd=tmp_path,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "told"),
    [
        (("runs",), {}, 1, "Redis does not answer"),
        (("deliveries", "-f"), {}, 1, "Redis does not answer"),
        (("show", "one"), {"VEDETTE_REDIS_URL": "redis://127.0.0.1:9"}, 1, "Redis does not answer"),
        (("up",), {"VEDETTE_CONFIG": "/nonexist.toml"}, 2, "/nonexist.toml cannot be read"),
        (("runs",), {"VEDETTE_CONFIG": "/nonexist.toml"}, 2, "/nonexist.toml cannot be read"),
        (("up",), {"VEDETTE_STATE_DIR": "taken"}, 2, "The state directory taken cannot be used"),
        (("config",), {"VEDETTE_PORT": "many"}, 2, "VEDETTE_PORT"),
    ],
)
def test_what_an_operator_can_mend_is_one_sentence_and_a_code(
    tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str], code: int, told: str
) -> None:
    (tmp_path / "taken").touch()
    ended = run(tmp_path, *arguments, **variables)
    assert ended.returncode == code, ended.stderr
    assert told in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stdout == ""


@pytest.mark.parametrize("command", ["receiver", "up"])
def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        secret = {"VEDETTE_CLIENT_SECRET": "s" * 40} if command == "receiver" else {}
        ended = run(tmp_path, command, VEDETTE_PORT=str(port), **secret)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.startswith(f"Port {port} on 127.0.0.1 is taken: stop what uses it, or set another")
    assert len(ended.stderr.splitlines()) == 1


def test_errors_are_json_where_the_output_is(tmp_path: Path) -> None:
    ended = run(tmp_path, "runs", "--json")
    told = json.loads(ended.stderr)
    assert (ended.returncode, told["exit_code"]) == (1, 1)
    assert told["error"].startswith("Redis does not answer")


def test_a_reader_that_has_read_enough_gets_no_traceback(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")}
    line = f"{sys.executable} -m console config --json | head -1"
    ended = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, env=kept, capture_output=True, text=True, check=False, timeout=120
    )
    assert json.loads(ended.stdout)["setting"]
    assert ended.stderr == ""
