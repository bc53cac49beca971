"""Writes JSON Schema in few bytes: agents read the list of tools at the beginning of each of their sessions."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from vedette._core.json_values import json_list, json_object

TEXT: Final = {"type": "string"}
NUMBER: Final = {"type": "integer"}
YES_OR_NO: Final = {"type": "boolean"}
OBJECT: Final = {"type": "object"}
OBJECTS: Final = {"type": "array", "items": OBJECT}
TEXTS: Final = {"type": "array", "items": TEXT}
FROM_EVENT: Final = {"from_event": OBJECT}
"""The property of all text that events brought."""


def compact_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a model without the titles and defaults that pydantic adds, and with references resolved."""
    schema = model.model_json_schema()
    definitions = json_object(schema.pop("$defs", {}))
    compact = _compact(schema, definitions)
    # The class's docstring is for people who read the code.
    compact.pop("description", None)
    return {"properties": {}, **compact}


def _compact(value: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_compact(each, definitions) for each in json_list(value)]
    if not isinstance(value, dict):
        return value
    known = json_object(value)
    if "$ref" in known:
        return _compact(definitions[str(known["$ref"]).rpartition("/")[2]], definitions)
    choices = [each for each in json_list(known.get("anyOf")) if each != {"type": "null"}]
    if "anyOf" in known and len(choices) == 1:
        # An argument that may be left out, which `required` says already.
        known = {**{name: each for name, each in known.items() if name != "anyOf"}, **json_object(choices[0])}
    # A bound that no sensible argument meets is checked, and not worth its bytes in the list.
    left_out = {"default", "maxLength"} | ({"title"} if isinstance(known.get("title"), str) else set[str]())
    return {
        name: _properties(each, definitions) if name == "properties" else _compact(each, definitions)
        for name, each in known.items()
        if name not in left_out
    }


def _properties(value: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _compact(each, definitions) for name, each in json_object(value).items()}
