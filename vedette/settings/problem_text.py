"""Describes pydantic's validation errors for operators, without the values."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from vedette._core.nearest_name import did_you_mean

_LIST: Final = 'should be a list, such as ["one", "two"]'
_TABLE: Final = "should be a table"
_TEXT: Final = "should be a text in quotes"
_WHOLE: Final = "should be a whole number"
_NUMBER: Final = "should be a number"
_BOOLEAN: Final = "should be true or false"
_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "string_type": _TEXT,
    "path_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "should be a finite number",
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "set_type": _LIST,
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "greater_than": "should be greater than {gt}",
    "greater_than_equal": "should be at least {ge}",
    "less_than": "should be less than {lt}",
    "less_than_equal": "should be at most {le}",
    "literal_error": "should be {expected}",
    "enum": "should be {expected}",
    "string_too_short": "should have at least {min_length} characters",
    "string_too_long": "should have at most {max_length} characters",
    "too_short": "should have at least {min_length} entries",
    "too_long": "should have at most {max_length} entries",
    "string_pattern_mismatch": "should fit the pattern {pattern}",
}
"""The message for each type of error; the names in braces are those of its context."""


def describe_error(problem: ErrorDetails, model: type[BaseModel]) -> str:
    """Return a message with the problem of a value and its correct form.

    Args:
        problem: An error of a validation.
        model: The validated model.
    """
    kind = problem["type"]
    if kind == "extra_forbidden":
        return f"is not a setting{did_you_mean(str(problem['loc'][-1]), find_sibling_keys(model, problem['loc']))}"
    template = _MESSAGES.get(kind)
    if template is None:
        return problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    bounds: dict[str, Any] = problem.get("ctx", {})
    return template.format_map({name: _format_bound(value) for name, value in bounds.items()})


def find_sibling_keys(model: type[BaseModel], location: Sequence[int | str]) -> set[str]:
    """Return the known keys of the table that has the last key of a location.

    Args:
        model: The validated model.
        location: The path of keys and list positions.
    """
    models = [model]
    for part in location[:-1]:
        fields = [one.model_fields[part] for one in models if isinstance(part, str) and part in one.model_fields]
        if fields:
            models = [inner for field in fields for inner in _find_models(field.annotation)]
    return {key for one in models for key in list_keys(one)}


def list_keys(model: type[BaseModel]) -> set[str]:
    """Return the keys that a model's table may have, including those for files with secrets."""
    fields = model.model_fields
    files = {f"{name}_file" for name, field in fields.items() if "SecretStr" in str(field.annotation)}
    return {*fields, *files, *(field.alias for field in fields.values() if field.alias)}


def _find_models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for each in get_args(annotation) for model in _find_models(each)]


def _format_bound(value: object) -> object:
    return f"{value:.15g}" if isinstance(value, float) else value
