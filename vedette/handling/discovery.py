"""Finding handlers: in installed packages (entry points) and in files that the settings list.

The handlers that ship with Vedette are found the same way. A plugin that cannot be imported is named and left out;
the rest goes on.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from vedette.handling.access.grants import grant_of
from vedette.handling.access.needs import UnknownNeedError
from vedette.handling.decorator import NotAHandlerError, registration_of
from vedette.handling.handler import Handler, UnknownParameterError, make_handler
from vedette.handling.own_settings import OwnSettingsError, own_settings
from vedette.handling.patterns import UnknownPatternError
from vedette.handling.registry import Problem, Registry
from vedette.settings import Mode, Settings

ENTRY_POINTS = "vedette.handlers"
_OURS = "vedette"


def discover(settings: Settings, known: frozenset[str]) -> Registry:
    """Find every handler that the settings leave enabled.

    Args:
        settings: Which files to read besides, and what is said of single handlers.
        known: The names of all events.
    """
    registry = Registry(known)
    for entry_point in sorted(entry_points(group=ENTRY_POINTS), key=lambda found: found.name):
        _take(registry, settings, *_from_entry_point(entry_point))
    for path in settings.plugins:
        _take(registry, settings, path.name, partial(_import_file, path), False)
    return registry


def _from_entry_point(entry_point: EntryPoint) -> tuple[str, Callable[[], ModuleType], bool]:
    distribution = entry_point.dist
    source = entry_point.name if distribution is None else f"{distribution.name} {distribution.version}"
    return source, entry_point.load, distribution is not None and distribution.name == _OURS


def _take(registry: Registry, settings: Settings, source: str, load: Callable[[], ModuleType], bundled: bool) -> None:
    try:
        module = load()
        registry.add(_handlers_of(module, registry.known, settings, source, bundled=bundled))
    except (UnknownPatternError, UnknownParameterError, UnknownNeedError, NotAHandlerError, OwnSettingsError) as error:
        registry.problems.append(Problem(source, str(error)))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin is somebody else's code: whatever it raises is its problem
        registry.problems.append(Problem(source, f"cannot be imported: {type(error).__name__}: {error}"))


def _handlers_of(
    module: ModuleType, known: frozenset[str], settings: Settings, source: str, *, bundled: bool
) -> Iterator[Handler]:
    for name, function in vars(module).items():
        registration = registration_of(function)
        if registration is None or function.__module__ != module.__name__:
            continue
        chosen = settings.handlers.get(name)
        if chosen is not None and not chosen.enabled:
            continue
        default: Mode = "act" if bundled else "observe"
        mode = default if chosen is None or chosen.mode is None else chosen.mode
        handler = make_handler(name, function, registration.patterns, source, mode, known, registration.options)
        yield replace(
            handler,
            needs=registration.needs,
            grant=grant_of(None if chosen is None else chosen.grant, registration.needs, bundled=bundled),
            modes={} if chosen is None else chosen.modes,
            echoes=registration.echoes,
            condition=registration.condition,
            own=own_settings(name, function, (None if chosen is None else chosen.model_extra) or {}),
        )


def _import_file(path: Path) -> ModuleType:
    # The name is ours alone, so that a file called `handlers.py` or `workers.py` shadows nothing.
    name = f"vedette_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
