"""Turns validation errors of models into problems with positions, expected values and suggestions."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from vedette._core.json_values import json_list, json_object
from vedette._core.nearest_name import did_you_mean
from vedette._core.toml_positions import Path, TomlPositions
from vedette.rules.files.errors import RuleProblem

_LONGEST = 60
_KINDS = {
    "string_type": "a text in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list in [ ]",
    "dict_type": "a table in { }",
    "float_type": "a number",
    "string_too_short": "a text that is not empty",
}


def problems_of(
    error: ValidationError,
    model: type[BaseModel],
    table: Mapping[str, Any],
    way: Path,
    places: TomlPositions,
    file: str,
) -> Iterator[RuleProblem]:
    """Yield the problems of one table.

    Args:
        error: The validation error.
        model: The model of the table.
        table: The table.
        way: The path to the table in its document.
        places: The positions in the document.
        file: The name of the document.
    """
    each_at: dict[Path, list[ErrorDetails]] = {}
    for each in error.errors(include_url=False):
        each_at.setdefault((*_path_of(each, table), *_missing(each)), []).append(each)
    for path, found in each_at.items():
        # Of the alternatives of a type (a text, or a list of texts) the error with the longest path is reported.
        if not any(len(other) > len(path) > 0 and other[: len(path)] == path for other in each_at):
            first = found[0]
            is_key = first["type"] in {"extra_forbidden", "missing"} or not path
            line, column = places.key((*way, *path)) if is_key else places.value((*way, *path))
            expected = " or ".join(dict.fromkeys(_expected(each, model, table, path) for each in found))
            yield RuleProblem(file, line, column, _found(first, path), expected)


def suggest(written: str, known: Collection[str]) -> str:
    """Return `: did you mean "stop"?`, quoted as the file has it, or an empty text without a similar name."""
    return did_you_mean(written, known, quote='"')


def shown(value: object) -> str:
    """Return a value as a file would have it, cropped."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _missing(each: ErrorDetails) -> Path:
    return (each["loc"][-1],) if each["type"] == "missing" else ()


def _path_of(each: ErrorDetails, table: Mapping[str, Any]) -> Path:
    """Return the path to the problem in the table, without the names of alternatives."""
    path: list[str | int] = []
    inside: object = table
    for step in each["loc"]:
        if isinstance(step, str) and step in json_object(inside):
            inside = json_object(inside)[step]
            path.append(step)
        elif isinstance(inside, list) and isinstance(step, int) and step < len(json_list(inside)):
            inside = json_list(inside)[step]
            path.append(step)
    return tuple(path)


def _found(each: ErrorDetails, path: Path) -> str:
    name = path[-1] if path else ""
    if each["type"] == "extra_forbidden":
        return f"there is no key {shown(name)} here"
    if each["type"] == "missing":
        return f"the key {shown(str(each['loc'][-1]))} is missing"
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
    return f"{key} = {shown(each['input'])}" if key else "these keys do not go together"


def _expected(each: ErrorDetails, model: type[BaseModel], table: Mapping[str, Any], path: Path) -> str:
    if each["type"] == "extra_forbidden":
        names = [name for name in _names(model) if name not in table]
        return f"one of {', '.join(names)}{suggest(str(path[-1]), _names(model))}"
    if each["type"] == "missing":
        description = model.model_fields.get(str(each["loc"][-1]))
        return f"`{each['loc'][-1]} = ...`" + ("" if description is None else " in it")
    if each["type"] in _KINDS:
        return _KINDS[each["type"]]
    if each["type"] == "literal_error":
        given = str(each["input"])
        choices = [
            choice.strip("' ")
            for choice in str(each.get("ctx", {}).get("expected", "")).replace(" or ", ", ").split(",")
        ]
        return f"one of {', '.join(shown(choice) for choice in choices)}{suggest(given, choices)}"
    return each["msg"].removeprefix("Value error, ").removeprefix("Input should be ")


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
