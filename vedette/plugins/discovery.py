"""Discovers handlers in installed packages (entry points) and in files and folders that the settings list.

The bundled handlers are discovered in the same manner. A plugin that cannot be imported is reported and skipped.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from pydantic import BaseModel

from vedette._core.printable import encodable, error_text
from vedette.authoring.decorators import HandlerFunction, NotAHandlerError, Registration, get_registration
from vedette.authoring.event_patterns import UnknownPatternError
from vedette.authoring.live_config import ListsChannels, LiveConfig, MakeLiveConfig
from vedette.authoring.project_filter import ProjectFilter
from vedette.permissions.grants import grant_of
from vedette.permissions.required_scopes import UnknownNeedError
from vedette.plugins.author_errors import format_error
from vedette.plugins.handler import Handler, UnknownParameterError, make_handler
from vedette.plugins.handler_settings import OwnSettingsError, read_own_settings, required_keys
from vedette.plugins.module_loader import load_module
from vedette.plugins.plugin_files import PackageFailedError, PluginFiles
from vedette.plugins.providers import Providers, UnusableProviderError
from vedette.plugins.registry import Off, Problem, Registry
from vedette.plugins.signature_checks import WrongAnnotationError
from vedette.plugins.unknown_names import report_unknown_names
from vedette.settings.settings import HandlerSettings, Settings

ENTRY_POINTS = "vedette.handlers"
_OURS = "vedette"
_TABLE_KEYS = tuple(HandlerSettings.model_fields)


class UnusableNameError(ValueError):
    """A handler's name cannot be stored, shown and written in settings."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name!r} cannot be a handler's name: give the function one that Python could read")


_UNUSABLE = (
    *(UnknownPatternError, UnknownParameterError, WrongAnnotationError, UnknownNeedError),
    *(NotAHandlerError, OwnSettingsError, UnusableProviderError),
)
"""Errors of authors and operators; each text says what to write."""


def discover(settings: Settings, known: frozenset[str]) -> Registry:
    """Find every handler that the settings leave enabled.

    Args:
        settings: The settings, with further plugin files and the tables of handlers.
        known: The names of all events.
    """
    registry = Registry(known)
    providers = Providers(settings.provide)
    # A plugin may change the working directory.
    paths = [path.absolute() for path in settings.plugins]
    installed = [_from_entry_point(one) for one in sorted(entry_points(group=ENTRY_POINTS), key=lambda one: one.name)]
    for source, load, bundled in sorted(installed, key=lambda one: not one[2]):
        _take(registry, settings, providers, encodable(source), load, bundled)
    files = PluginFiles()
    for path in paths:
        for source, load in files.modules(path):
            _take(registry, settings, providers, encodable(source), load, False)
    registry.providers |= providers.names
    report_unknown_names(registry, settings)
    return registry


def discover_in(
    sources: Iterable[tuple[str, Callable[[], ModuleType]]], settings: Settings, known: frozenset[str]
) -> Registry:
    """Find the handlers of some modules alone; those that lack settings are off.

    Args:
        sources: The display name and the loader of each module.
        settings: The settings, with the tables of handlers.
        known: The names of all events.
    """
    registry, providers = Registry(known), Providers(settings.provide)
    for source, load in sources:
        # As for the bundled ones, a setting that the operator is to give is not the author's mistake.
        _take(registry, settings, providers, encodable(source), load, True)
    return registry


def _from_entry_point(entry_point: EntryPoint) -> tuple[str, Callable[[], ModuleType], bool]:
    distribution = entry_point.dist
    source = entry_point.name if distribution is None else f"{distribution.name} {distribution.version}"
    return source, entry_point.load, distribution is not None and distribution.name == _OURS


def _take(
    registry: Registry,
    settings: Settings,
    providers: Providers,
    source: str,
    load: Callable[[], ModuleType],
    bundled: bool,
) -> None:
    try:
        module = load_module(source, load)
        functions = list(_functions_of(module))
        providers.note(module)
    except PackageFailedError:
        return
    except BaseException as raised:  # noqa: BLE001 - a plugin is an author's code: whatever it raises is its problem
        registry.is_complete = False
        registry.problems.append(Problem(source, _reason(raised, "cannot be imported")))
        return
    for name, function, registration in functions:
        if not name.isidentifier():
            registry.problems.append(Problem(source, str(UnusableNameError(name))))
            continue
        registry.names.add(name)
        chosen = settings.handlers.get(name, HandlerSettings())
        if not chosen.enabled:
            remedy = f"it is disabled: take `enabled = false` under [handlers.{name}] away"
            registry.off.append(Off(name, registration.patterns, source, remedy))
            continue
        try:
            _add(registry, settings, providers, _Found(name, function, registration, source, chosen, bundled))
        except BaseException as raised:  # noqa: BLE001 - its annotations, settings and live configuration are author's code too
            registry.problems.append(Problem(source, _reason(raised, f"{encodable(name)} cannot be used")))


@dataclass(frozen=True)
class _Found:
    """A function with `@on` or `@every` in a plugin's module."""

    name: str
    function: HandlerFunction
    registration: Registration
    source: str
    chosen: HandlerSettings
    bundled: bool


def _add(registry: Registry, settings: Settings, providers: Providers, found: _Found) -> None:
    name, function, registration, chosen = found.name, found.function, found.registration, found.chosen
    if found.bundled and (lacking := _lacking(name, function, chosen)):
        registry.off.append(Off(name, registration.patterns, found.source, lacking))
        return
    plain = make_handler(
        name,
        function,
        registration.patterns,
        found.source,
        chosen.mode or ("act" if found.bundled else "observe"),
        registry.known,
        registration.options,
        providers,
    )
    registry.add([_with_its_settings(plain, registration, chosen, settings, bundled=found.bundled)])


def _reason(raised: BaseException, what: str) -> str:
    if isinstance(raised, _UNUSABLE):
        return error_text(raised)
    return f"{what}: {format_error(raised)}"


def _functions_of(module: ModuleType) -> Iterator[tuple[str, HandlerFunction, Registration]]:
    for name, function in list(vars(module).items()):
        registration = get_registration(function)
        if registration is not None and function.__module__ == module.__name__:
            yield name, function, registration


def _lacking(name: str, function: HandlerFunction, chosen: HandlerSettings) -> str:
    """Return the lines that switch on a bundled handler that has no table in the settings."""
    table = f"handlers.{name}"
    keys = () if chosen.model_extra else required_keys(table, function)
    return (
        f"it is not set up: set {' and '.join(f'`{key}`' for key in keys)} under [{table}] (docs/handlers/{name}.md)"
        if keys
        else ""
    )


def _with_its_settings(
    plain: Handler, registration: Registration, chosen: HandlerSettings, settings: Settings, *, bundled: bool
) -> Handler:
    own = read_own_settings(f"handlers.{plain.name}", plain.function, chosen.model_extra or {}, _TABLE_KEYS)
    return replace(
        plain,
        needs=registration.needs,
        grant=grant_of(chosen.grant, registration.needs, bundled=bundled),
        modes=chosen.modes,
        where=ProjectFilter(chosen.projects, chosen.except_projects),
        echoes=registration.echoes,
        rebuilt=registration.rebuilt,
        condition=registration.condition,
        crons=registration.crons,
        own=own,
        live_config=_make_live_config(registration.make_live_config, own, settings),
    ).with_live_config()


def _make_live_config(make: MakeLiveConfig | None, own: BaseModel | None, settings: Settings) -> LiveConfig | None:
    if make is None:
        return None
    config = make(own)
    if isinstance(config, ListsChannels):
        config.bind_channels(settings.channels)
    return config
