"""The output of `vedette new handler` can be installed, tested and run unchanged."""

import os
import re
import shutil
import site
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.main import app

REPOSITORY = Path(__file__).parents[2]
REPOSITORY_ROOT = Path(__file__).parents[3]


def run(python: Path, *arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [str(python), *arguments], cwd=folder, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A fresh environment's Python, to which what Vedette itself is installed with is there already."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    ours = [path for path in site.getsitepackages() if path.endswith("site-packages")]
    lines = [f"import site; site.addsitedir({path!r})" for path in [*ours, str(REPOSITORY)]]
    (packages / "ours.pth").write_text("\n".join(lines) + "\n")
    return folder / "bin" / "python"


def test_a_new_plugin_installed_into_a_fresh_environment_passes_its_tests_and_runs(
    vedette: Any, served: Any, until: Callable[..., Any], environment: Path, tmp_path: Path
) -> None:
    told = vedette.run("new", "handler", "night-watch")
    assert "made vedette-night-watch/pyproject.toml" in told
    plugin = vedette.folder / "vedette-night-watch"
    assert "nothing is overwritten" in vedette.run("new", "handler", "night_watch", code=2)
    run(
        Path(sys.executable),
        *("-m", "pip", "--python", str(environment), "--disable-pip-version-check", "--quiet"),
        *("install", "--no-index", "--no-deps", "--no-build-isolation", str(plugin)),
        folder=tmp_path,
    )
    # Away from the package's folder, so that what is tested is what was installed.
    tests = tmp_path / "elsewhere"
    shutil.copytree(plugin / "tests", tests)
    assert "3 passed" in run(environment, "-m", "pytest", "-q", "-p", "no:cacheprovider", ".", folder=tests)

    (settings,) = re.findall(r"```toml\n(.*?)```", (plugin / "README.md").read_text(), re.DOTALL)
    (vedette.folder / "vedette.toml").write_text(settings)
    vedette.start("up", command=(str(environment), "-m", "console")).wait_for("webhook URL")
    listed = vedette.run("handlers", "--json")
    assert '"source": "vedette-night-watch 0.1.0"' in listed
    issue = served.create(project="storefront", type="Error", value="odd", level="fatal")
    until(lambda: served.issue(issue["id"])["comments"] == ["Seen by night_watch."])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Night", "cannot be a handler's name: write small letters"),
        ("night watch", "cannot be a handler's name"),
        ("../night", "cannot be a handler's name"),
        ("night__watch", "cannot be a handler's name"),
        ("x" * 51, "at most 50"),
        ("class", "class is a word that the handler's code needs itself: choose another, such as class_handler"),
        ("sentry", "choose another"),
        ("triage", "Vedette has a handler named triage already"),
        ("link-issue", "Vedette has a handler named link-issue already"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_what_can(name: str, told: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["new", "handler", name, "--in", str(tmp_path)])
    assert done.exit_code == 2
    assert told in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_printed_steps_work_as_printed(vedette: Any, tmp_path: Path) -> None:
    """In a shell of a person; what the package index would give is there already. VEDETTE_FULL=1 builds Vedette too."""
    told = vedette.run("new", "handler", "night_watch")
    steps = [line.strip() for line in told.splitlines() if line.startswith("  ")][:4]
    assert [line.split()[-1] for line in steps] == ["vedette-night-watch", ".venv", "'.[test]'", "pytest"]
    if os.environ.get("VEDETTE_FULL") != "1":
        # Vedette itself is there; building it from its checkout takes its time.
        steps[2] = steps[2].replace(f" {REPOSITORY_ROOT} ", " ")
    ours = [path for path in site.getsitepackages() if path.endswith("site-packages")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((*ours, str(REPOSITORY_ROOT))),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip takes 0 for the option given
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTEST_ADDOPTS": "-p no:cacheprovider",
    }
    done = subprocess.run(
        ["sh", "-ec", "\n".join(steps)],
        cwd=vedette.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
    plugin = vedette.folder / "vedette-night-watch"
    assert (plugin / "vedette_night_watch" / "py.typed").exists()
    assert "MIT License" in (plugin / "LICENSE").read_text()
    checked = vedette.run("handlers", "check", "vedette-night-watch")
    assert checked == "night_watch: issue.created\n"
    steps = re.findall(r"run: (.+)", (plugin / ".github" / "workflows" / "test.yml").read_text())
    assert steps == ["pip install '.[test]'", "vedette handlers check .", "python -m pytest"]
