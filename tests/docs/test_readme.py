"""Every command and every example of the README is run here, or the test that finds it fails."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.ports import free_port

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PROGRAMS = Path(sys.executable).parent
PATIENCE = 60.0


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines()]


def agent_commands() -> list[str]:
    """What the README has people type for a first agent, in order; one test runs every line of it."""
    return next(block for block in blocks("sh") if "agents token" in block).splitlines()


@dataclass
class Place:
    """A folder to run commands in, with a port of its own."""

    folder: Path
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['VEDETTE_PORT']}"

    def run(self, command: str) -> str:
        done = subprocess.run(
            ["sh", "-c", command.replace(".venv/bin/", f"{PROGRAMS}/")],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def running(self, command: str, until: Callable[[], Any]) -> Generator[None]:
        log = self.folder / "log"
        with log.open("w") as output:
            process = subprocess.Popen(
                ["sh", "-c", f"exec {command}"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            try:
                self.until(lambda: process.poll() is not None or until())
                assert process.poll() is None, log.read_text()
                yield
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait(60)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def until(self, check: Callable[[], Any]) -> None:
        end = time.monotonic() + PATIENCE
        while not check():
            assert time.monotonic() < end, self.log()
            time.sleep(0.1)

    def answers(self, path: str) -> bool:
        try:
            return httpx2.get(f"{self.url}{path}", trust_env=False).is_success
        except httpx2.HTTPError:
            return False


@pytest.fixture
def place(tmp_path: Path) -> Place:
    port, console_port = free_port(), free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")}
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    return Place(
        tmp_path,
        {
            **inherited,
            "PATH": path,
            "VEDETTE_PORT": str(port),
            "VEDETTE_CONSOLE__PORT": str(console_port),
            "VEDETTE_STATE_DIR": str(tmp_path / "state"),
        },
    )


def test_no_command_stands_in_the_readme_that_is_not_run_here() -> None:
    assert set(commands()) == {
        "make run",
        "make test",
        ".venv/bin/vedette trigger issue.created",
        ".venv/bin/vedette deliveries",
        ".venv/bin/vedette deliveries --json --limit 5",
        ".venv/bin/vedette handlers",
        ".venv/bin/vedette rules check",
        ".venv/bin/vedette rules test --sample issue.created",
        ".venv/bin/vedette rules backtest",
        ".venv/bin/vedette rules suggest",
        ".venv/bin/vedette rules ready",
        "export VEDETTE_CLIENT_SECRET=... VEDETTE_TOKEN=... VEDETTE_ORGANIZATION=your-organization",
        *agent_commands(),
        ".venv/bin/vedette up --lost 1h",
        ".venv/bin/vedette reconcile --since 2h --dry-run",
        ".venv/bin/vedette reconcile --since 2h",
        ".venv/bin/vedette deliveries --rebuilt",
        "uvicorn receiver.app:create_app --factory --port 8650",
        "dramatiq workers --processes 1",
    }


def test_make_run_starts_the_demonstration_and_the_commands_beside_it_work(place: Place) -> None:
    with place.running(f"make -C {REPOSITORY} run", lambda: "archived" in place.log() or "assigned" in place.log()):
        assert "202" in place.run(".venv/bin/vedette trigger issue.created")
        place.until(lambda: "assigned FERRY-API-4K to team berth-ops" in place.log())
        assert "issue.created" in place.run(".venv/bin/vedette deliveries")
        found = [json.loads(line) for line in place.run(".venv/bin/vedette deliveries --json --limit 5").splitlines()]
        assert 1 <= len(found) <= 5
        assert "triage" in place.run(".venv/bin/vedette handlers")


def test_a_first_rule_works_in_the_demonstration_step_by_step(place: Place) -> None:
    (place.folder / "vedette.toml").touch()
    place.environment["VEDETTE_CONFIG"] = str(place.folder / "vedette.toml")
    rules = next(block for block in blocks("toml") if "[[rule]]" in block)
    with place.running(f"make -C {REPOSITORY} run", lambda: "webhook URL" in place.log()):
        (place.folder / "triage.toml").write_text(rules)
        assert "2 rules" in place.run(".venv/bin/vedette rules check")
        assert "ferry errors to the berth" in place.run(".venv/bin/vedette rules test --sample issue.created")
        # Rules are read again within a moment; whoever types the next command is slower than that.
        place.until(lambda: "2 rules in triage.toml" in place.run(".venv/bin/vedette handlers --json"))
        place.run(".venv/bin/vedette trigger issue.created")
        line = next(line for line in blocks("text")[0].splitlines() if "rule" in line)
        place.until(lambda: line.partition("triage  ")[2] in place.log())
        tried = place.run(".venv/bin/vedette rules backtest")
        assert re.search(r"gateway errors to payments +\d+ +\d+ .*%", tried)
        assert "[[rule]]" in place.run(".venv/bin/vedette rules suggest")
        # Run again, the steps say what is so already.
        place.run(".venv/bin/vedette trigger issue.created")
        place.until(lambda: "FERRY-API-4K is assigned already" in place.log())
        assert "noise" in place.run(".venv/bin/vedette rules ready")


def test_a_first_agent_is_confined_in_the_demonstration_within_two_minutes(place: Place) -> None:
    began = time.monotonic()
    (place.folder / "vedette.toml").write_text(next(block for block in blocks("toml") if "[agents" in block))
    place.environment["VEDETTE_CONFIG"] = str(place.folder / "vedette.toml")
    port = free_port()
    place.environment["VEDETTE_GATEWAY__PORT"] = str(port)
    make_token, address, *typed = agent_commands()
    address = address.replace(":8652", f":{port}")
    with place.running(f"make -C {REPOSITORY} run", lambda: "Ctrl-C" in place.log()):
        assert f"http://127.0.0.1:{port}" in place.log()
        place.environment["VEDETTE_AGENT_TOKEN"] = place.run(f"{make_token}\nprintf %s $VEDETTE_AGENT_TOKEN")
        read, deleted, resolved, proposals, agents = (place.run(f"{address}\n{command}") for command in typed)
    assert [issue["status"] for issue in json.loads(read)]
    assert 'destroy-issues = "full"' in json.loads(deleted)["detail"]
    assert json.loads(resolved)["vedette"]["decision"] == "proposed"
    assert "FERRY-API-4K" in proposals
    assert "helper" in agents
    assert time.monotonic() - began < 120


def test_make_test_runs_pytest_on_all_tests(place: Place) -> None:
    assert "pytest" in place.run(f"make -C {REPOSITORY} --always-make --dry-run test")


def test_the_variables_and_make_run_serve_a_real_sentry(place: Place) -> None:
    export = next(line for line in commands() if line.startswith("export"))
    values = dict.fromkeys(("VEDETTE_CLIENT_SECRET", "VEDETTE_TOKEN"), "sntryi_" + "0" * 64)
    for name, value in values.items():
        export = export.replace(f"{name}=...", f"{name}={value}")
    place.environment["VEDETTE_SENTRY_URL"] = "http://127.0.0.1:9"
    script = place.folder / "start"
    script.write_text(f"{export}\nexec make -C {REPOSITORY} run\n")
    with place.running(f"sh {script}", lambda: "webhook URL" in place.log()):
        assert "organization your-organization" in place.log()
        assert "simulated" not in place.log()


def test_the_first_handler_is_taken_as_written(place: Place) -> None:
    (place.folder / "my_handlers.py").write_text(blocks("python")[0])
    (place.folder / "vedette.toml").write_text(next(block for block in blocks("toml") if "plugins" in block))
    with place.running("vedette up", lambda: "webhook URL" in place.log()):
        modes = modes_of(place)
        assert (modes["triage"], modes["welcome"]) == ("act", "act")
        place.run("vedette trigger issue.created")
        place.until(lambda: "left FERRY-API-4K to the people" in place.log())


def test_the_bundled_handler_observes_when_told_to(place: Place) -> None:
    (place.folder / "vedette.toml").write_text(next(block for block in blocks("toml") if block.startswith("[handlers")))
    with place.running("vedette up", lambda: "would have" in place.log()):
        assert modes_of(place)["triage"] == "observe"


def modes_of(place: Place) -> dict[str, str]:
    """Each handler's mode, by its name; several ship with Vedette."""
    listed = [json.loads(line) for line in place.run("vedette handlers --json").splitlines()]
    return {one["name"]: one["mode"] for one in listed}


def test_the_parts_run_by_themselves_around_one_redis(place: Place, redis_url: str) -> None:
    place.environment |= {
        "VEDETTE_REDIS_URL": redis_url,
        "VEDETTE_CLIENT_SECRET": "s" * 32,
        "VEDETTE_TOKEN": "sntryi_" + "0" * 64,
        "VEDETTE_ORGANIZATION": "acme",
        "VEDETTE_SENTRY_URL": "http://127.0.0.1:9",
        "VEDETTE_HANDLERS__TRIAGE__ENABLED": "false",
    }
    receiver, worker = blocks("sh")[-1].splitlines()
    other = Place(place.folder / "other", place.environment)
    other.folder.mkdir()
    with (
        place.running(
            receiver.replace("8650", place.environment["VEDETTE_PORT"]), lambda: place.answers("/health/ready")
        ),
        other.running(worker, lambda: "Worker process is ready" in other.log()),
    ):
        place.run("vedette trigger issue.created")
        place.until(lambda: json.loads(place.run("vedette deliveries --json"))["state"] == "unhandled")


def test_a_lost_hour_is_rebuilt(place: Place) -> None:
    # Exit code 3: something was missing.
    missing = "; test $? = 3"
    with place.running(f"{PROGRAMS}/vedette up --lost 1h", lambda: "webhook URL" in place.log()):
        assert "would be rebuilt" in place.run(f".venv/bin/vedette reconcile --since 2h --dry-run{missing}")
        assert "issue.created" in place.run(f".venv/bin/vedette reconcile --since 2h{missing}")
        place.until(lambda: "issue.created rebuilt" in place.run(".venv/bin/vedette deliveries --rebuilt"))


def test_every_page_that_the_readme_names_is_there() -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (REPOSITORY / link).exists(), link
