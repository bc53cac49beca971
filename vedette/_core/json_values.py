"""Typed access to decoded JSON and other values of which a type checker knows nothing."""

from collections.abc import Iterable, Mapping
from typing import Any, cast


def json_object(value: Any) -> dict[str, Any]:
    """Return a decoded value as an object; an empty one if it is something else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def json_list(value: Any) -> list[Any]:
    """Return a decoded value as a list; an empty one if it is something else."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def values_of(iterable: Any) -> Iterable[Any]:
    """Return an iterable as one of values of any type."""
    return iterable


def mapping_of(mapping: Any) -> Mapping[Any, Any]:
    """Return a mapping as one of keys and values of any type."""
    return mapping
