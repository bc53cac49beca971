"""Checks the annotations of a handler's parameters against the arguments, when the handler is loaded.

Parameters without an annotation are not checked, nor those with one that cannot be compared (a protocol, a name that is
imported for type checkers alone).
"""

import logging
import types
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from vedette.access.notifier import Notify
from vedette.api import Sentry
from vedette.authoring.context import Context
from vedette.authoring.event_patterns import EVERYTHING, asks_for
from vedette.events import Event
from vedette.events.catalog import RESOURCES
from vedette.events.event_parsing import class_of
from vedette.plugins.providers import Provider

_GENERATORS = frozenset({"AsyncGenerator", "AsyncIterator", "AsyncIterable", "Generator", "Iterator", "Iterable"})


class WrongAnnotationError(TypeError):
    """A parameter is annotated with another type than its argument has."""

    def __init__(self, handler: str, parameter: str, hint: object, given: str, right: str) -> None:
        self.handler = handler
        self.parameter = parameter
        super().__init__(
            f"{handler} wants `{parameter}: {_name(hint)}` and would be given {given}: write `{parameter}: {right}`"
        )


def check_annotations(
    handler: str,
    function: Callable[..., Any],
    patterns: Collection[str],
    takes: "dict[str, Provider]",
    known: Collection[str],
) -> None:
    """Refuse a handler with an annotation that does not fit the argument.

    Raises:
        WrongAnnotationError: with the line to write.
    """
    hints = _hints(function)
    if "event" in hints:
        _check_event(handler, hints["event"], patterns, known)
    for parameter, given in (("ctx", Context), ("sentry", Sentry), ("notify", Notify)):
        if parameter in hints and not _fits(hints[parameter], given):
            raise WrongAnnotationError(handler, parameter, hints[parameter], f"a {given.__name__}", given.__name__)
    log = hints.get("log", object)
    if isinstance(log, type) and issubclass(log, logging.Logger | str | int):
        right = "structlog.typing.FilteringBoundLogger"
        raise WrongAnnotationError(handler, "log", log, "a structlog logger", right)
    for parameter, provider in takes.items():
        made = _made_by(provider)
        if made is not None and parameter in hints and not _fits(hints[parameter], made):
            given = f"the {made.__name__} of the provider {provider.name}"
            raise WrongAnnotationError(handler, parameter, hints[parameter], given, made.__name__)


def _check_event(handler: str, hint: object, patterns: Collection[str], known: Collection[str]) -> None:
    for pattern in patterns:
        given = _classes_of([pattern], known)
        if all(_fits(hint, one) for one in given):
            continue
        every = _classes_of(patterns, known)
        right = "Event" if EVERYTHING in patterns else " | ".join(one.__name__ for one in every)
        raise WrongAnnotationError(handler, "event", hint, f'{_listed(given)} for "{pattern}"', right)


def _classes_of(patterns: Collection[str], known: Collection[str]) -> list[type[Event]]:
    if EVERYTHING in patterns:
        return [Event]
    names = [name for name in known if asks_for(patterns, [name], known)]
    resources = sorted({name.partition(".")[0] for name in names} & RESOURCES.keys())
    return [class_of(resource) for resource in resources]


def _listed(classes: Iterable[type]) -> str:
    return " or ".join(f"any {one.__name__}" if one is Event else f"a {one.__name__}" for one in classes)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except (NameError, AttributeError, TypeError):
        return {}


def _made_by(provider: Provider) -> type | None:
    hint: Any = _hints(provider.function).get("return")
    origin = get_origin(hint)
    if origin is not None and getattr(origin, "__name__", "") in _GENERATORS:
        hint = get_args(hint)[0] if get_args(hint) else None
    return None if hint is Any or not isinstance(hint, type) or get_origin(hint) else hint


def _fits(hint: object, given: type) -> bool:
    """Return whether a value of the class `given` fits the annotation `hint`."""
    if isinstance(hint, TypeVar) or get_origin(hint) in {Union, types.UnionType}:
        return not get_args(hint) or any(_fits(one, given) for one in get_args(hint))
    wanted = get_origin(hint) or hint
    if wanted is Any or not isinstance(wanted, type) or getattr(wanted, "_is_protocol", False):
        return True
    return issubclass(given, wanted)


def _name(hint: object) -> str:
    return hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint).replace("typing.", "")
