"""Renders the JSON Schema of a rules file, for editors, from the models of rules and actions."""

from typing import Any

from vedette.rules.actions import ACTIONS, Action
from vedette.rules.files.key_rules import CLOCK_KEYS
from vedette.rules.files.schema_models import RuleForm

_ACTIONS = "#/$defs/action"


def rules_schema() -> dict[str, Any]:
    """Return the schema; Taplo and editors that use it find it by `#:schema` in the first line of a rules file."""
    rule: dict[str, Any] = RuleForm.model_json_schema(by_alias=True)
    rule["oneOf"] = [
        {"required": ["on"], "not": {"anyOf": [{"required": [key]} for key in CLOCK_KEYS]}},
        {"required": ["schedule", "search"], "not": {"required": ["on"]}},
    ]
    rule["properties"]["then"] |= {"items": {"$ref": _ACTIONS}}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Vedette's triage rules",
        "type": "object",
        "additionalProperties": False,
        "properties": {"rule": {"type": "array", "items": rule}},
        "$defs": {"action": {"oneOf": [_of_action(kind, model) for kind, model in ACTIONS.items()]}},
    }


def _of_action(kind: str, model: type[Action]) -> dict[str, Any]:
    found: dict[str, Any] = model.model_json_schema(by_alias=True)
    if "then" in found["properties"]:
        found["properties"]["then"] |= {"items": {"$ref": _ACTIONS}}
    return {**found, "title": kind, "description": " ".join((model.__doc__ or "").split())}
