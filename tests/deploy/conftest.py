"""What the files in deploy/ are held to: the settings, the command line, the packaging."""

import re
import tomllib
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from console.main import app

REPOSITORY = Path(__file__).parents[2]
PAGES = [
    *sorted((REPOSITORY / "deploy").rglob("*.yaml")),
    *sorted((REPOSITORY / "deploy").rglob("*.service")),
    REPOSITORY / "deploy" / "Dockerfile",
    REPOSITORY / "docs" / "deployment.md",
]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def settings_variables() -> set[str]:
    """Every variable that is a setting: as docs/settings.md lists them, which a test of its own holds to the code."""
    page = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    return set(re.findall(r"VEDETTE_\w*[A-Z]", page))


@pytest.fixture(scope="session")
def commands() -> set[str]:
    """The names of the command line's commands."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return set(group.commands)


@pytest.fixture(scope="session")
def packages() -> list[str]:
    """The packages that the wheel is made of."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    return project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@pytest.fixture(params=PAGES, ids=lambda page: page.name)
def page(request: pytest.FixtureRequest) -> str:
    """Each file about deployment, as text."""
    path: Path = request.param
    return path.read_text(encoding="utf-8")
