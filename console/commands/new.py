"""`vedette new handler NAME`: a plugin package with a handler, its test, and all that it takes to install it."""

import keyword
import re
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from console.exit_codes import WRONG_USAGE
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
        typer.echo(problem, err=True)
        raise typer.Exit(WRONG_USAGE)
    for path, text in _files_of(plugin).items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        typer.echo(f"made {file}")
    typer.echo(f"Run its test: cd {target} && python -m pytest\nInstall it where the workers run: pip install {target}")


def _problem_of(name: str) -> str:
    """Return the reason why a handler cannot have a name; empty if it can."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        return (
            f"{name!r} cannot be a handler's name: write small letters, digits and single underscores, beginning with "
            f"a letter, at most {_LONGEST}; such as night_watch"
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in ARGUMENTS:
        return f"{name} is a word that the handler's code needs itself: choose another, such as {name}_handler"
    return ""


def _files_of(plugin: str) -> dict[str, str]:
    """Path within the package's folder -> text."""
    package = f"vedette_{plugin}"
    values = {
        "handler": plugin,
        "package": package,
        "distribution": package.replace("_", "-"),
        "version": vedette_version(),
    }
    names = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        ".gitignore": "gitignore",
        f"{package}/__init__.py": "init.py",
        f"{package}/handlers.py": "handlers.py",
        f"tests/test_{plugin}.py": "test_handlers.py",
    }
    templates = files("console") / "plugin_template"
    read = {path: (templates / f"{name}.txt").read_text(encoding="utf-8") for path, name in names.items()}
    return {path: Template(text).substitute(values) for path, text in read.items()}
