"""Holds the handlers of a process, and the problems of plugins and handlers that could not be loaded."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from vedette.authoring.event_patterns import NamedPattern, asks_for
from vedette.events.kinds.schedule import SCHEDULE_DUE
from vedette.plugins.handler import Handler
from vedette.plugins.handler_matching import subscribes_to
from vedette.settings.problems import SettingProblem, SettingsError


@dataclass(frozen=True)
class Problem:
    """A plugin or handler that could not be taken, named so that the rest can go on; or one that names nothing real."""

    source: str
    reason: str
    is_left_out: bool = True
    """Return whether it could not be taken; else it is at work, and names what Sentry does not have."""


@dataclass(frozen=True)
class Off:
    """A handler that is disabled, or ships with Vedette and waits for its settings; it is given nothing."""

    name: str
    patterns: tuple[str, ...]
    source: str
    remedy: str
    """What to write to switch it on."""


@dataclass
class Registry:
    """The handlers by name."""

    known: frozenset[str]
    """The names of all events that Vedette knows."""
    handlers: dict[str, Handler] = field(default_factory=dict[str, Handler])
    problems: list[Problem] = field(default_factory=list[Problem])
    off: list[Off] = field(default_factory=list[Off])
    names: set[str] = field(default_factory=set[str])
    """The names of all handlers that were found, also of those that are off or cannot be used."""
    providers: set[str] = field(default_factory=set[str])
    """The names of all providers that take settings."""
    is_complete: bool = True
    """Return whether every plugin could be loaded, so that no name can be of one that is missing."""
    unknown: list[SettingProblem] = field(default_factory=list[SettingProblem])
    """Names in the settings that nothing knows."""

    def add(self, handlers: Iterable[Handler]) -> None:
        """Take handlers in; a second one of the same name is a problem, and the first stays."""
        for handler in handlers:
            first = self.handlers.setdefault(handler.name, handler)
            if first is not handler:
                reason = f"{first.source} already has a handler named {handler.name}: rename one of the functions"
                self.problems.append(Problem(handler.source, reason))

    def refuse_unknown_names(self) -> None:
        """Refuse settings that name what nothing knows.

        Raises:
            SettingsError: There are such names.
        """
        if self.unknown:
            raise SettingsError(tuple(self.unknown))

    def refresh(self) -> list[Handler]:
        """Reload live configurations that have changed, and return their handlers. It may block."""
        changed = [one for one in self.handlers.values() if one.live_config is not None and one.live_config.refresh()]
        for one in changed:
            self.handlers[one.name] = one.with_live_config()
        return [self.handlers[one.name] for one in changed]

    def matching(self, event: NamedPattern) -> list[Handler]:
        """Return the handlers that subscribe to `event`, sorted by name."""
        found = [handler for handler in self.handlers.values() if subscribes_to(handler, event, self.known)]
        return sorted(found, key=lambda handler: handler.name)

    def wants(self, names: Iterable[str]) -> bool:
        """Return whether any handler subscribes to an event of these names; the body is not needed for that."""
        named = tuple(names)
        if SCHEDULE_DUE in named:
            return any(handler.crons for handler in self.handlers.values())
        return any(asks_for(handler.patterns, named, self.known) for handler in self.handlers.values())
