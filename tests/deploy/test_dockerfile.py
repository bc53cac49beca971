import json
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from receiver.app import build_app
from vedette.settings.settings import IntegrationSettings, Settings

IN_IMAGE = "/opt/vedette/bin/python"


@pytest.fixture(scope="session")
def instructions(repository: Path) -> list[tuple[str, str]]:
    """The Dockerfile's instructions: name and rest, with continued lines joined."""
    text = (repository / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    pairs = [line.partition(" ") for line in lines if line]
    return [(name, rest) for name, _, rest in pairs]


def all_of(instructions: list[tuple[str, str]], name: str) -> list[str]:
    return [rest for given, rest in instructions if given == name]


def pip_command(instructions: list[tuple[str, str]], *words: str) -> list[str]:
    """The arguments of the one RUN with this text, with this test's Python in place of the image's."""
    lists: list[list[str]] = [json.loads(rest) for rest in all_of(instructions, "RUN") if rest.startswith("[")]
    [command] = [given for given in lists if given[0] == IN_IMAGE and set(words) <= set(given)]
    return [sys.executable, *command[1:]]


def copied_from_checkout(instructions: list[tuple[str, str]]) -> list[str]:
    sources = [rest.split()[:-1] for rest in all_of(instructions, "COPY") if not rest.startswith("--from")]
    return [source for group in sources for source in group]


@pytest.fixture(scope="session")
def build_folder(
    instructions: list[tuple[str, str]], repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with what the Dockerfile copies into the build, and the wheel that its command makes of it."""
    folder = tmp_path_factory.mktemp("source")
    for name in copied_from_checkout(instructions):
        source, target = repository / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    command = pip_command(instructions, "wheel")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_build_copies_what_the_wheel_is_made_of_and_the_ignore_file_lets_it(
    instructions: list[tuple[str, str]], packages: list[str], repository: Path
) -> None:
    copied = copied_from_checkout(instructions)
    assert set(packages) <= set(copied)
    ignore = (repository / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").split("\n")
    assert "*" in ignore
    assert {line[1:] for line in ignore if line.startswith("!")} == set(copied)


def test_the_wheel_has_every_file_of_the_packages_and_the_licence(build_folder: Path, packages: list[str]) -> None:
    [wheel] = (build_folder / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    files = {path.relative_to(build_folder) for room in packages for path in (build_folder / room).rglob("*")}
    assert {path.as_posix() for path in files if (build_folder / path).is_file()} <= names
    for kind in (".py", ".lua", ".json", "py.typed"):
        assert any(name.endswith(kind) for name in names), kind
    assert {f"{room}/py.typed" for room in packages} <= names
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)


def test_the_installed_wheel_runs_without_the_checkout(
    build_folder: Path, instructions: list[tuple[str, str]], tmp_path: Path
) -> None:
    install = [*pip_command(instructions, "install", "vedette"), "--target", str(tmp_path / "site")]
    subprocess.run(install, cwd=build_folder, capture_output=True, check=True, timeout=60)
    asked = [sys.executable, "-P", "-c", "import console.main; print(console.main.__file__); console.main.main()"]
    done = subprocess.run(
        [*asked, "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith(str(tmp_path / "site" / "console"))
    assert "vedette 0." in done.stdout


def test_the_pins_are_installed_by_hash_and_carry_what_builds_the_wheel(
    instructions: list[tuple[str, str]], repository: Path
) -> None:
    command = pip_command(instructions, "--require-hashes")
    pins = (repository / command[command.index("-r") + 1]).read_text(encoding="utf-8").replace("\\\n", "")
    requirements = [line for line in pins.splitlines() if line and not line.lstrip().startswith("#")]
    assert all("==" in line and "--hash=sha256:" in line for line in requirements)
    assert any(line.startswith("hatchling==") for line in requirements)


def test_base_images_have_a_version_and_no_host(instructions: list[tuple[str, str]], repository: Path) -> None:
    images = [rest.split()[0] for rest in all_of(instructions, "FROM")]
    assert images
    for image in images:
        assert re.fullmatch(r"[a-z]+:\d+\.\d+[a-z0-9.\-]*", image), image
    text = (repository / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"https?://(?!127\.0\.0\.1)|index-url|trusted-host", text)


def test_the_image_runs_as_a_numbered_user_that_is_not_root(instructions: list[tuple[str, str]]) -> None:
    [user] = all_of(instructions, "USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    last_stage = [name for name, _ in instructions][::-1]
    assert last_stage.index("USER") < last_stage.index("RUN")
    assert f"--uid {user.partition(':')[0]} " in " ".join(all_of(instructions, "RUN"))


def test_the_entrypoint_is_the_command_itself_with_a_command_that_exists(
    instructions: list[tuple[str, str]], commands: set[str]
) -> None:
    assert [json.loads(rest) for rest in all_of(instructions, "ENTRYPOINT")] == [["vedette"]]
    [[default]] = [json.loads(rest) for rest in all_of(instructions, "CMD")]
    assert default in commands


@contextmanager
def answering(status: int) -> Generator[int]:
    """A server on loopback that gives this answer to `/health/live`, and 404 to all else; yields its port."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/live" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            del format, args

    with HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("status", "is_healthy"), [(200, True), (500, False), (404, False)])
def test_the_health_check_asks_the_port_that_is_set_and_no_proxy(
    status: int, *, is_healthy: bool, instructions: list[tuple[str, str]]
) -> None:
    [check] = all_of(instructions, "HEALTHCHECK")
    [program, *arguments] = json.loads(check.partition("CMD ")[2])
    assert program == "python"
    with answering(status) as port:
        variables = {"VEDETTE_PORT": str(port), "http_proxy": "http://127.0.0.1:9", "PATH": os.environ["PATH"]}
        done = subprocess.run(
            [sys.executable, *arguments], env=variables, stderr=subprocess.DEVNULL, check=False, timeout=30
        )
    assert (done.returncode == 0) is is_healthy


def test_what_the_health_check_asks_for_is_a_route_of_the_receiver(tmp_path: Path) -> None:
    integration = IntegrationSettings.model_validate({"client_secret": "s" * 32})
    settings = Settings(integrations={"default": integration}, state_dir=tmp_path)
    assert "/health/live" in {getattr(route, "path", "") for route in build_app(settings).routes}
