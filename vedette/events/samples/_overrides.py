"""Samples with a few values of one's own.

A misspelt path must fail: a test that quietly changed nothing would go on to prove nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from vedette._core.json_values import json_list, json_object
from vedette.events.samples._errors import SamplePathError
from vedette.events.samples._files import load


def build(name: str, **overrides: object) -> dict[str, Any]:
    """Return a sample with some values replaced.

    Paths start at the top of the payload, keys parted by two underscores or by dots, items of lists by their number:
    `build("issue.created", data__issue__level="fatal")` or
    `build("error.created", **{"data.error.tags.0.1": "staging"})`. Keys are spelt as Sentry does (`shortId`).

    Raises:
        UnknownSampleError: there is no sample of this name.
        SamplePathError: a path does not exist in the sample; to add keys, change the returned object.
    """
    return override(load(name), name, overrides)


def override(payload: dict[str, Any], name: str, overrides: Mapping[str, object]) -> dict[str, Any]:
    """Return a payload, changed in place: the same for a body of one's own; `name` is what an error calls it.

    Raises:
        SamplePathError: a path does not exist in it.
    """
    known = list(_paths(payload))
    for written, value in overrides.items():
        path = written if "." in written else written.replace("__", ".")
        if path not in known:
            raise SamplePathError(name, path, known)
        _replace(payload, path.split("."), value)
    return payload


def _children(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from json_object(value).items()
    elif isinstance(value, list):
        yield from ((str(index), item) for index, item in enumerate(json_list(value)))


def _paths(value: object, prefix: str = "") -> Iterator[str]:
    for key, child in _children(value):
        yield prefix + key
        yield from _paths(child, f"{prefix}{key}.")


def _replace(payload: dict[str, Any], path: list[str], value: object) -> None:
    *way, last = path
    place: Any = payload
    for key in way:
        place = place[_step(place, key)]
    place[_step(place, last)] = value


def _step(place: object, key: str) -> int | str:
    return int(key) if isinstance(place, list) else key
