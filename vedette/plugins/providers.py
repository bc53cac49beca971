"""`@provide`: functions that make an object once per process, for the handlers that name it among their parameters.

A handler sees the providers of its own module, those that it imports too, as Python itself has it; so no plugin is
handed another's objects without its author having written the import.
"""

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any, TypeGuard, TypeVar

from pydantic import BaseModel

from vedette.plugins.handler_settings import PARAMETER, read_own_settings
from vedette.plugins.injectables import ARGUMENTS, OF_PROVIDERS

_Function = TypeVar("_Function", bound=Callable[..., Any])
_MARK = "__vedette_provide__"


class UnusableProviderError(TypeError):
    """A provider that cannot work; the text says what to write."""

    def __init__(self, provider: str, problem: str) -> None:
        self.provider = provider
        super().__init__(f"the provider {provider} {problem}")


def provide(function: _Function) -> _Function:
    """Make a function a provider: its result fills the parameters of handlers that have its name.

    It is called once per process, when a handler first needs it: an `async def`, or a plain `def` in a thread. A
    generator resumes after its `yield` when the worker shuts down. A provider may take `settings` (its own model,
    filled from `[provide.NAME]`), `log`, and the results of other providers, by their names.

    Raises:
        UnusableProviderError: When it decorates something else than a function, or the function has the name of an
            argument that Vedette fills.
    """
    name = getattr(function, "__name__", repr(function))
    candidate: object = function
    if not inspect.isfunction(candidate):
        raise UnusableProviderError(name, f"is no function: write `@provide` above `async def {name}():`")
    if name in ARGUMENTS:
        raise UnusableProviderError(name, f"has the name of what Vedette itself gives: write `def my_{name}():`")
    setattr(function, _MARK, True)
    return function


@dataclass(frozen=True, eq=False)
class Provider:
    """A function that makes one object."""

    name: str
    function: Callable[..., Any]
    parameters: tuple[str, ...]
    takes: Mapping[str, "Provider"] = field(default_factory=dict[str, "Provider"])
    """Other providers, by the parameters that their objects fill."""
    settings: BaseModel | None = None


class Providers:
    """The providers that handlers ask for, each checked once."""

    def __init__(
        self, tables: Mapping[str, Mapping[str, Any]] | None = None, replaced: Collection[str] = frozenset()
    ) -> None:
        """Prepare.

        Args:
            tables: The tables of providers in the settings, by name.
            replaced: Names of providers with objects that exist already, as in a test.
        """
        self._tables = tables or {}
        self._replaced = replaced
        self._found: dict[Callable[..., Any], Provider] = {}
        self._names: set[str] = set()
        self._owners: dict[str, Callable[..., Any]] = {}

    def find(self, parameter: str, asking: Callable[..., Any]) -> Provider | None:
        """Return the provider for a parameter of a handler, or None where its module has none of this name.

        Raises:
            UnusableProviderError: When it cannot work.
            OwnSettingsError: When its settings cannot be used.
        """
        return self._find(parameter, asking, ())

    def note(self, module: ModuleType) -> None:
        """Record the providers of a module that take settings, so that a table of an unknown one is reported."""
        for one in vars(module).values():
            if _is_provider(one) and PARAMETER in inspect.signature(one).parameters:
                self._names.add(one.__name__)

    @property
    def names(self) -> frozenset[str]:
        """The names of the providers that take settings, of all modules that were noted."""
        return frozenset(self._names)

    def _find(self, parameter: str, asking: Callable[..., Any], above: tuple[str, ...]) -> Provider | None:
        function = inspect.unwrap(asking).__globals__.get(parameter)
        if not _is_provider(function):
            return None
        if function not in self._found:
            self._found[function] = self._make(function, above)
        return self._found[function]

    def _make(self, function: Callable[..., Any], above: tuple[str, ...]) -> Provider:
        name = function.__name__
        if name in self._replaced:
            return Provider(name, function, ())
        if name in above:
            circle = " needs ".join((*above[above.index(name) :], name))
            raise UnusableProviderError(name, f"needs itself ({circle}): take one of these parameters away")
        parameters: list[str] = []
        takes: dict[str, Provider] = {}
        for parameter in inspect.signature(function).parameters.values():
            if parameter.name in OF_PROVIDERS:
                parameters.append(parameter.name)
            elif other := self._find(parameter.name, function, (*above, name)):
                takes[parameter.name] = other
            elif parameter.name in ARGUMENTS:
                raise UnusableProviderError(name, _NOT_OF_A_RUN.format(parameter=parameter.name, name=name))
            elif parameter.default is parameter.empty:
                raise UnusableProviderError(name, _UNKNOWN.format(parameter=parameter.name))
        return Provider(name, function, tuple(parameters), takes, self._settings_of(name, function, parameters))

    def _settings_of(self, name: str, function: Callable[..., Any], parameters: Collection[str]) -> BaseModel | None:
        if PARAMETER not in parameters:
            return None
        owner = self._owners.setdefault(name, function)
        if owner is not function:
            problem = f"of {owner.__module__} reads [provide.{name}] already: rename one of the functions"
            raise UnusableProviderError(name, problem)
        settings = read_own_settings(f"provide.{name}", function, self._tables.get(name, {}))
        if settings is None:
            raise UnusableProviderError(name, "does not say what its settings are: write `settings: MySettings`")
        return settings


def _is_provider(candidate: object) -> TypeGuard[FunctionType]:
    # Other objects are not examined: reading an attribute of a lazy object or a proxy runs code.
    return type(candidate) is FunctionType and hasattr(candidate, _MARK)


_NOT_OF_A_RUN = (
    "takes `{parameter}`, which belongs to one run, while it is called once for all: "
    "write `def {name}(settings, log):` with any of settings, log and other providers"
)
_UNKNOWN = (
    "has a parameter `{parameter}` that cannot be filled: write `@provide` above `def {parameter}():` in its module"
)
