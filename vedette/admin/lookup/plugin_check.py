"""Checks the handlers of a plugin without a worker, Redis or Sentry, for authors and for CI."""

import importlib
import importlib.util
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from vedette._core.json_values import json_object
from vedette.admin.names import UnknownNameError
from vedette.events.catalog import known_names
from vedette.plugins.discovery import ENTRY_POINTS, discover_in
from vedette.plugins.handler import Handler
from vedette.plugins.plugin_files import PluginFiles
from vedette.plugins.registry import Off, Problem
from vedette.settings.settings import Settings

Load = Callable[[], ModuleType]
Source = tuple[str, Load]


@dataclass(frozen=True)
class PluginCheck:
    """The handlers of a plugin, and what is wrong with it."""

    handlers: tuple[Handler, ...]
    off: tuple[Off, ...]
    """Handlers that need settings which are not given here."""
    problems: tuple[Problem, ...]


def check_plugin(target: str, settings: Settings) -> PluginCheck:
    """Load a plugin as a worker does, and return what it found.

    Args:
        target: A file with handlers, a folder of such files, a package's folder, the folder of a project with a
            pyproject.toml, or the name of an installed distribution or module.
        settings: The settings of handlers, where there are any.

    Raises:
        UnknownNameError: It is neither a path nor installed.
    """
    registry = discover_in(_sources(target), settings, frozenset(known_names()))
    problems = list(registry.problems)
    if not registry.names and not problems:
        problems.append(Problem(target, "it has no handler: put `@on(...)` or `@every(...)` before a function"))
    return PluginCheck(tuple(registry.handlers.values()), tuple(registry.off), tuple(problems))


def _sources(target: str) -> Iterable[Source]:
    path = Path(target)
    if (path / "pyproject.toml").is_file():
        return list(_of_project(path))
    if path.exists():
        return list(PluginFiles().modules(path.absolute()))
    installed = list(entry_points(group=ENTRY_POINTS))
    found = [(_title(one), one.load) for one in installed if target in _names_of(one)]
    if found:
        return found
    try:
        module = importlib.util.find_spec(target)
    except (ImportError, ValueError):
        module = None
    if module is None:
        known = {name for one in installed for name in _names_of(one)}
        raise UnknownNameError("plugin", target, known, advice="write a file, a folder, or the name of a package")
    return [(target, partial(importlib.import_module, target))]


def _of_project(folder: Path) -> Iterator[Source]:
    """Yield the modules that the project's pyproject.toml offers to Vedette."""
    table = json_object(tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")))
    offered = json_object(json_object(json_object(table.get("project")).get("entry-points")).get(ENTRY_POINTS))
    for each in (folder / "src", folder):
        if each.is_dir():
            sys.path.insert(0, str(each.absolute()))
    if not offered:
        yield str(folder), partial(_offers_nothing, folder)
    for module in offered.values():
        yield str(module), partial(importlib.import_module, str(module).partition(":")[0])


def _offers_nothing(folder: Path) -> ModuleType:
    raise ImportError(f'{folder / "pyproject.toml"} has no table [project.entry-points."{ENTRY_POINTS}"]: add it')


def _names_of(one: EntryPoint) -> set[str]:
    names = {one.name, one.module}
    return names if one.dist is None else names | {one.dist.name, one.dist.name.replace("-", "_")}


def _title(one: EntryPoint) -> str:
    return one.name if one.dist is None else f"{one.dist.name} {one.dist.version}"
