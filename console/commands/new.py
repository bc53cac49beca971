"""`vedette new handler NAME`: a plugin package with a handler, its test, and all that it takes to install it."""

import json
import keyword
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution, entry_points
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated
from urllib.parse import unquote

import typer

from console.exit_codes import WRONG_USAGE, refuse
from vedette._core.json_values import json_object
from vedette._core.version import vedette_version
from vedette.plugins.injectables import ARGUMENTS

app = typer.Typer(no_args_is_help=True, help="Make what handler authors begin with.")

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_LONGEST = 50


@app.callback()
def _group() -> None:
    """Keep `handler` a word of its own, also while it is the only one."""


@app.command()
def handler(
    name: Annotated[str, typer.Argument(help="The handler's name, such as night_watch.")],
    folder: Annotated[Path, typer.Option("--in", help="Where to make the package's folder.")] = Path(),
) -> None:
    """Make a plugin package: a handler, its test, pyproject and README. Its test passes as made."""
    problem = _problem_of(name)
    plugin = name.replace("-", "_")
    target = folder / f"vedette-{plugin.replace('_', '-')}"
    if not problem and target.exists() and (not target.is_dir() or any(target.iterdir())):
        problem = f"{target} is there already, and nothing is overwritten: choose another name, or move it away"
    if problem:
        refuse(problem, WRONG_USAGE)
    for path, text in _files_of(plugin).items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        typer.echo(f"made {file}")
    for line in _next_steps(target, plugin):
        typer.echo(line)


def _next_steps(target: Path, plugin: str) -> Iterator[str]:
    """Yield the commands that test a new plugin and install it; they work as they are printed."""
    packages = " ".join(filter(None, (shlex.quote(source) if (source := vedette_source()) else "", "'.[test]'")))
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    yield "Run its test:"
    yield f"  cd {shlex.quote(str(target))}"
    yield f"  {python if shutil.which(python) else shlex.quote(sys.executable)} -m venv .venv"
    yield f"  .venv/bin/pip install {packages}"
    yield "  .venv/bin/python -m pytest"
    yield f"With uv, the two lines in the middle are `uv venv` and `uv pip install {packages}`."
    yield f"Install it where the workers run, and allow it under [handlers.{plugin}] (README.md):"
    yield f"  pip install {shlex.quote(f'./{target}' if not target.is_absolute() else str(target))}"


def vedette_source() -> str:
    """Return the folder or address that this Vedette was installed from; empty if it came from a package index."""
    try:
        text = distribution("vedette").read_text("direct_url.json")
        url = str(json_object(json.loads(text or "{}")).get("url") or "")
    except (PackageNotFoundError, ValueError):
        return ""
    return unquote(url.removeprefix("file://")) if url.startswith("file://") else url


def _bundled_handlers() -> set[str]:
    return {one.name for one in entry_points(group="vedette.handlers") if one.dist and one.dist.name == "vedette"}


def _problem_of(name: str) -> str:
    """Return the reason why a handler cannot have a name; empty if it can."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        return (
            f"{name!r} cannot be a handler's name: write small letters, digits and single underscores, beginning with "
            f"a letter, at most {_LONGEST}; such as night_watch"
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in ARGUMENTS:
        return f"{name} is a word that the handler's code needs itself: choose another, such as {name}_handler"
    if name.replace("-", "_") in _bundled_handlers():
        return f"Vedette has a handler named {name} already, so that this one would not be loaded: choose another name"
    return ""


def _files_of(plugin: str) -> dict[str, str]:
    """Path within the package's folder -> text."""
    package = f"vedette_{plugin}"
    values = {
        "handler": plugin,
        "package": package,
        "distribution": package.replace("_", "-"),
        "version": vedette_version(),
        "year": str(datetime.now(UTC).year),
    }
    names = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        "LICENSE": "LICENSE",
        ".github/workflows/test.yml": "ci.yml",
        ".gitignore": "gitignore",
        f"{package}/__init__.py": "init.py",
        f"{package}/py.typed": "py.typed",
        f"{package}/handlers.py": "handlers.py",
        f"tests/test_{plugin}.py": "test_handlers.py",
    }
    templates = files("console") / "plugin_template"
    read = {path: (templates / f"{name}.txt").read_text(encoding="utf-8") for path, name in names.items()}
    return {path: Template(text).substitute(values) for path, text in read.items()}
