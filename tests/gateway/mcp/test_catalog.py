"""The list of tools: short, true, and no longer than an agent's grant."""

import json
from typing import Any

import jsonschema
import pytest

from gateway.mcp.catalog import TOOLS, definitions_for, tool_for
from vedette.api.operations import OPERATIONS
from vedette.permissions.agent_grants import grant_of_agent
from vedette.permissions.grants import Grant
from vedette.settings.agents import AgentSettings

ALL = Grant(operations=tuple(OPERATIONS))
MOST_BYTES = 12_000


def grant(**areas: str) -> Grant:
    return grant_of_agent(AgentSettings.model_validate({"may": areas}))


def listed(granted: Grant) -> list[dict[str, Any]]:
    return [each.model_dump(by_alias=True, mode="json", exclude_none=True) for each in definitions_for(granted)]


def test_all_tools_take_less_than_twelve_thousand_bytes() -> None:
    assert len(listed(ALL)) == len(TOOLS)
    assert len(json.dumps(listed(ALL)).encode()) <= MOST_BYTES


@pytest.mark.parametrize(
    ("areas", "missing"),
    [
        ({}, set(TOOLS) - {"what_may_i_do"}),
        (
            {"issues": "read"},
            {"update_issue", "update_issues", "comment", "undo", "proposals", "dry_run", "write_operation", "find"},
        ),
        ({"issues": "read", "triage": "write"}, {"find"}),
        (
            {"releases": "full"},
            {
                *("search_issues", "get_issue", "list_events", "get_event", "why"),
                *("update_issue", "update_issues", "comment", "undo"),
            },
        ),
    ],
)
def test_an_agent_sees_the_tools_that_its_grant_allows(areas: dict[str, str], missing: set[str]) -> None:
    granted = grant(**areas)
    seen = {each["name"] for each in listed(granted)}
    assert set(TOOLS) - seen == missing
    assert {name for name in TOOLS if tool_for(granted, name) is None} == missing


def test_schemas_are_schemas_and_refuse_unknown_arguments() -> None:
    for tool in listed(ALL):
        jsonschema.Draft202012Validator.check_schema(tool["inputSchema"])
        jsonschema.Draft202012Validator.check_schema(tool["outputSchema"])
        assert tool["inputSchema"]["additionalProperties"] is False
        assert tool["inputSchema"]["type"] == "object"


def test_the_schema_of_arguments_accepts_what_the_model_accepts() -> None:
    schema = TOOLS["update_issue"].definition.input_schema
    good = {"issue": "SHOP-1", "status": "resolved", "reason": "fixed in 1.2"}
    jsonschema.validate(good, schema)
    TOOLS["update_issue"].arguments.model_validate(good)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "status": "gone"}, schema)


def test_every_tool_that_writes_demands_a_reason_and_no_other_does() -> None:
    for tool in TOOLS.values():
        assert ("reason" in tool.arguments.model_fields) is not tool.hints.read_only
        if not tool.hints.read_only:
            assert tool.arguments.model_fields["reason"].is_required()


def test_needs_are_operations_of_the_kind_that_the_hints_say() -> None:
    for tool in TOOLS.values():
        writes = {OPERATIONS[name].writes for name in tool.needs}
        if not tool.hints.read_only:
            assert writes == {True}
