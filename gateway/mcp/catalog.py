"""Lists the tools; which of them an agent has depends on its grant."""

from collections.abc import Mapping
from typing import Any, Final

import mcp_types as types

from gateway.mcp.tool import Tool
from gateway.mcp.tools.bulk_update import UPDATE_ISSUES
from gateway.mcp.tools.dry_run import DRY_RUN
from gateway.mcp.tools.event_reads import GET_EVENT, LIST_EVENTS
from gateway.mcp.tools.find import FIND
from gateway.mcp.tools.issue_reads import GET_ISSUE, SEARCH_ISSUES
from gateway.mcp.tools.issue_writes import COMMENT, UPDATE_ISSUE
from gateway.mcp.tools.operations import READ_OPERATION, SEARCH_OPERATIONS, WRITE_OPERATION
from gateway.mcp.tools.proposals import PROPOSALS
from gateway.mcp.tools.undo import UNDO
from gateway.mcp.tools.what_may_i_do import WHAT_MAY_I_DO
from gateway.mcp.tools.why import WHY
from vedette.permissions.grants import Grant

TOOLS: Final[Mapping[str, Tool[Any]]] = {
    tool.name: tool
    for tool in (
        WHAT_MAY_I_DO,
        SEARCH_ISSUES,
        GET_ISSUE,
        LIST_EVENTS,
        GET_EVENT,
        FIND,
        UPDATE_ISSUE,
        UPDATE_ISSUES,
        COMMENT,
        UNDO,
        PROPOSALS,
        WHY,
        DRY_RUN,
        SEARCH_OPERATIONS,
        READ_OPERATION,
        WRITE_OPERATION,
    )
}
"""All tools by their names, in the order in which agents see them."""


def definitions_for(grant: Grant) -> list[types.Tool]:
    """Return the tools that an agent with this grant has."""
    return [tool.definition for tool in TOOLS.values() if tool.is_for(grant)]


def tool_for(grant: Grant, name: str) -> Tool[Any] | None:
    """Return a tool by its name; None for one that the agent does not have, or that does not exist."""
    tool = TOOLS.get(name)
    return tool if tool is not None and tool.is_for(grant) else None
