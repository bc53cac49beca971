"""Checks the scopes that a handler states as its needs, when the handler is loaded."""

from collections.abc import Iterable

from vedette._core.json_values import values_of
from vedette._core.nearest_name import find_nearest_name
from vedette.api.scopes import HIERARCHY, expand


class UnknownNeedError(ValueError):
    """A handler asks for a scope that Sentry does not have."""

    def __init__(self, handler: str, scope: object) -> None:
        self.handler = handler
        self.scope = scope
        near = find_nearest_name(str(scope), HIERARCHY)
        right = near or "event:write"
        super().__init__(f'{handler} needs {scope!r}, which is no scope of Sentry: write needs=("{right}",)')


def check_needs(handler: str, needs: object) -> tuple[str, ...]:
    """Return the needs as a tuple of scopes.

    Raises:
        UnknownNeedError: One of them is no scope, or they are a string and no tuple.
    """
    if isinstance(needs, str) or not isinstance(needs, Iterable):
        raise UnknownNeedError(handler, needs)
    found: list[str] = []
    for scope in values_of(needs):
        if not isinstance(scope, str) or scope not in HIERARCHY:
            raise UnknownNeedError(handler, scope)
        found.append(scope)
    return tuple(found)


def missing(needs: Iterable[str], held: Iterable[str]) -> list[str]:
    """Return the needs that are not held."""
    return sorted(set(needs) - expand(held))
