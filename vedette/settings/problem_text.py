"""Says in an operator's words what pydantic found wrong with a setting, and never shows the value."""

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
_TRUTH: Final = "should be true or false"
_SENTENCES: Final[Mapping[str, str]] = {
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
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
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
"""What is said of each kind of mistake; the names in braces are those of its bounds."""


def sentence_of(problem: ErrorDetails, model: type[BaseModel]) -> str:
    """Return what is wrong with a value and what would be right.

    Args:
        problem: One of a validation error's.
        model: The model that was to be filled.
    """
    kind = problem["type"]
    if kind == "extra_forbidden":
        return f"is not a setting{did_you_mean(str(problem['loc'][-1]), keys_beside(model, problem['loc']))}"
    template = _SENTENCES.get(kind)
    if template is None:
        return problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    bounds: dict[str, Any] = problem.get("ctx", {})
    return template.format_map({name: _plain(value) for name, value in bounds.items()})


def keys_beside(model: type[BaseModel], location: Sequence[int | str]) -> set[str]:
    """Return the keys that are known where the last one of a location stands.

    Args:
        model: The model that was to be filled.
        location: The keys and places in lists that lead there.
    """
    models = [model]
    for part in location[:-1]:
        fields = [one.model_fields[part] for one in models if isinstance(part, str) and part in one.model_fields]
        if fields:
            models = [inner for field in fields for inner in _models_in(field.annotation)]
    return {key for one in models for key in known_keys(one)}


def known_keys(model: type[BaseModel]) -> set[str]:
    """Return the keys that a model's table may have; a secret can come from a file."""
    fields = model.model_fields
    files = {f"{name}_file" for name, field in fields.items() if "SecretStr" in str(field.annotation)}
    return {*fields, *files, *(field.alias for field in fields.values() if field.alias)}


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for each in get_args(annotation) for model in _models_in(each)]


def _plain(value: object) -> object:
    return f"{value:.15g}" if isinstance(value, float) else value
