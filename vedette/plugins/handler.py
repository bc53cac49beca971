"""Defines a discovered handler: its function, subscriptions and parameters, its grant and mode."""

import asyncio
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from vedette.authoring.cron import Cron
from vedette.authoring.decorators import HandlerFunction, NotAHandlerError
from vedette.authoring.event_patterns import check_pattern
from vedette.authoring.live_config import LiveConfig
from vedette.authoring.options import Options, RebuiltChoice
from vedette.authoring.project_filter import ProjectFilter
from vedette.authoring.when import WhenCondition
from vedette.permissions.grants import NOTHING, Grant, grant_of
from vedette.plugins.author_errors import call_plain
from vedette.plugins.handler_settings import PARAMETER
from vedette.plugins.injectables import ARGUMENTS, AWAITED, GUIDE
from vedette.plugins.providers import Provider, Providers
from vedette.plugins.signature_checks import check_annotations
from vedette.settings.settings import Mode


class UnknownParameterError(TypeError):
    """A handler has a parameter that cannot be filled."""

    def __init__(self, handler: str, parameter: str) -> None:
        self.handler = handler
        self.parameter = parameter
        super().__init__(
            f"{handler} has a parameter `{parameter}` that cannot be filled: "
            f"write `async def {handler}(event, sentry):` with any of {', '.join(ARGUMENTS)}, "
            f"or write `@provide` above `def {parameter}():` in its module"
        )


class PlainHandlerError(NotAHandlerError):
    """A plain function has a parameter with calls that must be awaited."""

    def __init__(self, handler: str, parameter: str) -> None:
        self.handler = handler
        TypeError.__init__(
            self, f"{handler} takes `{parameter}`, whose calls are awaited: write `async def {handler}(...)`"
        )


@dataclass(frozen=True)
class Handler:
    """A handler that was found and is ready to run."""

    name: str
    function: HandlerFunction
    patterns: tuple[str, ...]
    source: str
    """Its origin: a package and its version, or a file."""
    mode: Mode
    parameters: tuple[str, ...]
    options: Options = field(default_factory=Options)
    needs: tuple[str, ...] = ()
    """The scopes of Sentry's API that it declares."""
    grant: Grant = NOTHING
    """The permissions that an operator gives it."""
    modes: Mapping[str, Mode] = field(default_factory=dict[str, Mode])
    """Other modes for some projects, by patterns of their slugs."""
    where: ProjectFilter = field(default_factory=ProjectFilter)
    """The projects that it is on for."""
    echoes: bool = False
    """Return whether it receives echoes, the events that Vedette's own writes cause."""
    rebuilt: RebuiltChoice = "recent"
    """Which rebuilt events it receives."""
    condition: WhenCondition | None = None
    """The condition that an event must meet."""
    crons: tuple[Cron, ...] = ()
    """Its schedule: each time is one run per integration."""
    own: BaseModel | None = None
    """Its own settings, if it takes any."""
    takes: Mapping[str, Provider] = field(default_factory=dict[str, Provider])
    """The providers of its objects, by the names of the parameters that they fill."""
    live_config: LiveConfig | None = None
    """The live configuration that determines its subscriptions, if it has one."""

    def with_live_config(self) -> "Handler":
        """Return the handler with its live configuration applied; unchanged without one."""
        config = self.live_config
        if config is None:
            return self
        grant = grant_of(None, config.needs, bundled=True, fields=config.fields) if self.grant.shipped else self.grant
        return replace(self, patterns=config.patterns, crons=config.crons, needs=config.needs, grant=grant)

    @property
    def is_async(self) -> bool:
        """Return whether it is an `async def`; a plain function needs a thread."""
        return inspect.iscoroutinefunction(self.function)

    def select_arguments(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the function's arguments, selected by name from its own settings and `arguments`."""
        given = {**arguments, PARAMETER: self.own, GUIDE: self.live_config}
        return {name: given[name] for name in self.parameters}

    def call_plain(self, arguments: Mapping[str, Any]) -> None:
        """Call a plain function with its arguments.

        Raises:
            ForgottenAwaitError: When it returned a coroutine, which would never be awaited.
            BaseException: Whatever it raises.
        """
        call_plain(self.function, self.select_arguments(arguments))

    async def run(self, arguments: Mapping[str, Any]) -> None:
        """Call the function with its arguments; a plain one in a thread."""
        if not self.is_async:
            await asyncio.to_thread(self.call_plain, arguments)
            return
        result = self.function(**self.select_arguments(arguments))
        assert result is not None
        await result


def make_handler(
    name: str,
    function: HandlerFunction,
    patterns: tuple[str, ...],
    source: str,
    mode: Mode,
    known: frozenset[str],
    options: Options | None = None,
    providers: Providers | None = None,
) -> Handler:
    """Check a function's patterns and parameters and make it a handler.

    Raises:
        UnknownPatternError: For a pattern that no event matches.
        UnknownParameterError: For a parameter that cannot be filled.
        PlainHandlerError: For a plain function that wants the API client.
        WrongAnnotationError: For a parameter that wants another type than it will be given.
        UnusableProviderError, OwnSettingsError: For a provider that cannot work.
    """
    for pattern in patterns:
        check_pattern(pattern, known)
    parameters: list[str] = []
    takes: dict[str, Provider] = {}
    providers = providers or Providers()
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in AWAITED and not inspect.iscoroutinefunction(function):
            raise PlainHandlerError(name, parameter.name)
        if parameter.name in ARGUMENTS:
            parameters.append(parameter.name)
        elif provider := providers.find(parameter.name, function):
            parameters.append(parameter.name)
            takes[parameter.name] = provider
        elif parameter.default is parameter.empty:
            raise UnknownParameterError(name, parameter.name)
    check_annotations(name, function, patterns, takes, known)
    return Handler(name, function, patterns, source, mode, tuple(parameters), options or Options(), takes=takes)
