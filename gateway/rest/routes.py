"""Finds the operation behind a path, by a tree of the segments of all templates.

A literal segment is preferred to a parameter and never tried again as one: `releases/stats/` must not be taken for a
release that is called `stats`, which Sentry would not do either.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gateway.rejections import MethodRefused, UnknownEndpointError
from gateway.rest.parameter_forms import is_wellformed
from vedette.api.operations import OPERATIONS, Operation


@dataclass(slots=True)
class _Node:
    literals: dict[str, "_Node"] = field(default_factory=dict[str, "_Node"])
    parameter: "_Node | None" = None
    operations: dict[str, Operation] = field(default_factory=dict[str, Operation])
    """Method -> operation."""


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """An operation and the values of its path's parameters."""

    operation: Operation
    parameters: Mapping[str, str]


class RouteTree:
    """The templates of some operations."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        for operation in operations:
            self._add(operation)

    def find(self, method: str, segments: Sequence[str]) -> RouteMatch:
        """Return the operation behind a path.

        Args:
            method: The method of the request, in capitals.
            segments: The decoded segments of its path.

        Raises:
            MethodRefused: Other methods have an operation at this path.
            UnknownEndpointError: No method has.
        """
        node: _Node | None = self._root
        values: list[str] = []
        for segment in segments:
            literal = node.literals.get(segment)
            if literal is None:
                values.append(segment)
            node = literal or node.parameter
            if node is None:
                break
        operations = _matching(node, values)
        operation = operations.get(method)
        if operation is not None:
            return RouteMatch(operation, MappingProxyType(dict(zip(operation.parameters, values, strict=True))))
        if operations:
            raise MethodRefused(method, tuple(sorted(operations)))
        raise UnknownEndpointError(method, f"/{'/'.join(segments)}/")

    def _add(self, operation: Operation) -> None:
        node = self._root
        for segment in filter(None, operation.path.split("/")):
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        if operation.method in node.operations:
            raise ValueError(f"{operation.name} and {node.operations[operation.method].name} have the same request")
        node.operations[operation.method] = operation


def _matching(node: _Node | None, values: Sequence[str]) -> dict[str, Operation]:
    """Return the operations at a node for which the values have the right form, by method."""
    if node is None:
        return {}
    return {
        method: operation
        for method, operation in node.operations.items()
        if all(map(is_wellformed, operation.parameters, values))
    }


ROUTES: Final = RouteTree(OPERATIONS.values())
"""All operations of the table."""
