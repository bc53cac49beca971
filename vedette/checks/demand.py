"""Collects the events and scopes that enabled handlers and agents need of Sentry."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from vedette.authoring.event_patterns import EVERYTHING
from vedette.events.catalog import canonical_name, names_of
from vedette.store.access.handler_roster import OFF, HandlerRoster

_UNSENT = frozenset({"installation", "service_hook", "legacy_webhook"})
"""Resources that come without a tick in the integration, or from elsewhere."""


@dataclass(frozen=True, slots=True)
class Demand:
    """The needs of all that are enabled."""

    events: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Event, such as `issue.created` or `issue.*` -> the handlers that ask for it."""
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Scope -> the handlers and agents that need it."""

    def wants(self, resources: Collection[str]) -> bool:
        """Return whether a handler asks for an event of one of these resources."""
        return any(event.partition(".")[0] in resources for event in self.events)

    def starving(self, missing: Collection[str]) -> tuple[str, ...]:
        """Return the handlers that get nothing at all where these events are not sent."""
        fed = {handler for event, handlers in self.events.items() if event not in missing for handler in handlers}
        hungry = {handler for event in missing for handler in self.events.get(event, ())}
        return tuple(sorted(hungry - fed))


def demand_of(roster: HandlerRoster | None, agents: Mapping[str, Collection[str]] | None = None) -> Demand:
    """Return the needs of the handlers that the workers have loaded, and of agents.

    A handler for `*` asks for whatever comes, so it needs no event in particular.

    Args:
        roster: The handler list; None before a worker has started.
        agents: Name of an agent -> the scopes of its grant.
    """
    events, scopes = dict[str, list[str]](), dict[str, list[str]]()
    for handler in roster.handlers if roster else ():
        if handler.mode == OFF:
            continue
        for event in sorted({_canonical(pattern) for pattern in handler.patterns if pattern != EVERYTHING}):
            if event.partition(".")[0] not in _UNSENT:
                events.setdefault(event, []).append(handler.name)
        for scope in handler.needs:
            scopes.setdefault(scope, []).append(handler.name)
    for agent, held in (agents or {}).items():
        for scope in held:
            scopes.setdefault(scope, []).append(f"agent {agent}")
    return Demand(_frozen(events), _frozen(scopes))


def is_ticked(event: str, ticked: Collection[str], resources: Collection[str]) -> bool:
    """Return whether an integration is subscribed to an event; to any event of the resource for `issue.*`.

    Args:
        event: Its canonical name, or a resource with `.*`.
        ticked: The single events that Sentry lists; servers before July 2026 list none.
        resources: The resources that it lists.
    """
    resource, _, action = event.partition(".")
    if action == "*" or not any("." in name for name in ticked):
        return resource in resources or any(name.partition(".")[0] == resource for name in ticked)
    return any(name in ticked for name in names_of(resource, action))


def _canonical(pattern: str) -> str:
    return canonical_name(*pattern.split(".", 1)) if "." in pattern else pattern


def _frozen(found: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(owners) for name, owners in found.items()}
