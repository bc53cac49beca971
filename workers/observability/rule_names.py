"""Finds the projects, people, teams and releases in rules that Sentry does not have, like the check of settings.

Assigning to a team that is misspelt fails with each event; a condition on it never holds, or always, if negated.
"""

from collections.abc import Collection, Iterable
from typing import Protocol, runtime_checkable

from vedette.access.context import IntegrationConnection
from vedette.api import Sentry
from vedette.api.errors import SentryError
from vedette.plugins.handler import Handler
from vedette.plugins.registry import Problem
from vedette.rules.files.known_names import KnownNames
from vedette.rules.files.named_things import NamedThing


@runtime_checkable
class NamesThings(Protocol):
    """A guide that names what only Sentry knows."""

    @property
    def named_in_sentry(self) -> tuple[NamedThing, ...]:
        """The names in it, each with its place."""
        ...


def named_by(handlers: Iterable[Handler]) -> tuple[NamedThing, ...]:
    """Return the names in the live configurations of handlers."""
    configs = (handler.live_config for handler in handlers)
    return tuple(each for config in configs if isinstance(config, NamesThings) for each in config.named_in_sentry)


async def find_unknown_names(named: Collection[NamedThing], ways: Collection[IntegrationConnection]) -> list[Problem]:
    """Return the names that no integration's Sentry has.

    Args:
        named: The names in live configurations.
        ways: The connections of all integrations; a kind of name that one of them does not list is not checked.
    """
    if not named or not ways:
        return []
    known = KnownNames()
    try:
        for way in ways:
            await known.ask(Sentry(organization=way.organization, transport=way.transport), named)
    except SentryError:
        return []
    return [
        Problem(each.place, f"{each.found}: expected {each.expected}", is_left_out=False)
        for each in known.problems(named)
    ]
